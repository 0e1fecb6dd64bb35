"""What was asked and not answered: knowledge requests, and the figures behind them."""
