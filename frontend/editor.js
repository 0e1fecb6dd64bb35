// The Markdown editor: CodeMirror 6 around a textarea that stays the form's field.
// Colours come from the page's CSS variables; the nonce lets its style sheet pass the Content-Security-Policy.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { defineLanguageFacet, HighlightStyle, Language, languageDataProp, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { GFM, parser } from "@lezer/markdown";

// The grammar itself, without lang-markdown: that brings the parsers of HTML, CSS and JavaScript along (75 kB gzipped).
const data = defineLanguageFacet();
const markdown = new Language(data, parser.configure([GFM, { props: [languageDataProp.add((type) => (type.isTop ? data : undefined))] }]), [], "markdown");

const theme = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "inherit", maxHeight: "60vh", overflow: "auto" },
  ".cm-content": { padding: "10px 12px", caretColor: "var(--text)" },
  ".cm-line": { padding: "0" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--accent-line)",
  },
  ".cm-placeholder": { color: "var(--text-3)" },
});

const colours = HighlightStyle.define([
  { tag: tags.heading, fontWeight: "600" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, textDecoration: "underline" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: [tags.link, tags.url], color: "var(--accent-text)" },
  { tag: tags.monospace, fontFamily: "var(--mono)" },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.labelName], color: "var(--text-3)" },
  { tag: tags.quote, color: "var(--text-2)" },
]);

/** Enter in a list item begins the next one; in an empty item it ends the list. */
function continueList(view) {
  const { from, to } = view.state.selection.main;
  const line = view.state.doc.lineAt(from);
  const item = /^(\s*)([-*+]|(\d+)([.)]))(\s+)/.exec(line.text);
  if (from !== to || !item || from < line.from + item[0].length) return false;
  if (line.length === item[0].length) {
    view.dispatch({ changes: { from: line.from, to: line.to }, userEvent: "input" });
    return true;
  }
  const mark = item[3] ? `${Number(item[3]) + 1}${item[4]}` : item[2];
  const insert = `\n${item[1]}${mark}${item[5]}`;
  view.dispatch({ changes: { from, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent: "input" });
  return true;
}

/** Turn `textarea` into an editor. `onChange` is called after each change that no input method is still composing. */
export function createEditor(textarea, { nonce = "", onChange = () => {} } = {}) {
  const settle = (view) => {
    if (view.composing) return;
    const text = view.state.doc.toString();
    if (text === textarea.value) return;
    textarea.value = text;
    onChange(text);
  };
  const view = new EditorView({
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        history(),
        drawSelection(),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(nonce),
        EditorView.contentAttributes.of({ "aria-label": textarea.labels?.[0]?.textContent ?? "正文", "aria-multiline": "true" }),
        markdown.extension,
        syntaxHighlighting(colours),
        theme,
        placeholder(textarea.placeholder),
        keymap.of([
          { key: "Enter", run: continueList },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        EditorView.updateListener.of((update) => update.docChanged && settle(update.view)),
        EditorView.domEventHandlers({
          // The document holds the syllables while they are composed; the last change of a composition is still "composing".
          compositionend: (_event, composed) => void setTimeout(() => settle(composed)),
          blur: (_event, left) => settle(left),
        }),
      ],
    }),
  });
  textarea.before(view.dom);
  return view;
}

/** Put `before` and `after` around the selection, or `before` at the start of each selected line. */
export function wrap(view, before, after = "", { lines = false } = {}) {
  const { from, to } = view.state.selection.main;
  if (!lines) {
    const inner = view.state.sliceDoc(from, to);
    view.dispatch({
      changes: { from, to, insert: before + inner + after },
      selection: { anchor: from + before.length, head: from + before.length + inner.length },
      scrollIntoView: true,
    });
  } else {
    const changes = [];
    for (let at = from; ; ) {
      const line = view.state.doc.lineAt(at);
      changes.push({ from: line.from, insert: before.replace("1.", `${changes.length + 1}.`) });
      if (line.to >= to) break;
      at = line.to + 1;
    }
    view.dispatch({ changes, scrollIntoView: true });
  }
  view.focus();
}

/** Replace the whole text, as one step that can be undone. */
export function setText(view, text) {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}
