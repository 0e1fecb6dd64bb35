"""Text in, ranked hits out: analysis, embedders, engines and fusion. No database, no HTTP."""
