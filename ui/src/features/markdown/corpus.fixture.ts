/** Texts for the tests of Markdown: what answers look like. What someone who means harm would send is in `bridge/fake/hostile`. */

export const corpus: Readonly<Record<string, string>> = {
  paragraphs:
    "One line\nand its second, with **bold**, *thin*, ~~gone~~ and `code`.\n\nAnother &mdash; with &lt;tag&gt;.",
  headings: "# One\n\nText\n\n## Two ##\nDirectly below\n\nSet\n===\n\nUnder\n---\n\n###### Six",
  lists:
    "Intro:\n- one\n- two\n  - inner\n    continued\n- three\n\n1. first\n2. second\n\n   with a second paragraph\n\n   ```sh\n   ls -l\n\n   pwd\n   ```\n3. third\n\nAfter.",
  tasks: "- [x] done\n- [ ] open\n- plain",
  mixedLists: "* a\n* b\n\n+ c\n+ d\n\n3) three\n4) four\n\n1. one",
  quotes: "> quoted\n> twice\n> - with a list\n\nbetween\n\n> again\nlazily",
  code: 'Before\n```rust title\nfn main() {\n    println!("{}", 1);\n}\n```\nafter\n\n~~~\n``` inside\n~~~\n\n    indented\n\n    code\n\nend',
  openCode: "```python\nprint('never closed')\n",
  table: "Sizes:\n| a | b |\n|:--|--:|\n| `x|y` | 2<br>3 |\n| \\| | **4** |\n\nAfter the table",
  rules: "a\n\n---\n\nb\n\n* * *\n\nc\n***\n",
  maths: "Let $x_1$ be.\n\n$$\n\\sum_{i=0}^n i\n$$\n\nand \\(y\\), \\[ z = 1 \\]\n\nEnd.",
  links:
    'A [link](https://example.com/a_b_(c)) and https://example.com/x, then [ref][r].\n\n[r]: https://example.org "Title"\n\nDone [r].',
  html: "<div>\n\n**bold**\n\n</div>\n\nText with <b>tags</b> and <!-- a comment -->.",
  unicode: "Ünïcödé 漢字 עברית 👩‍👩‍👧‍👦 👍🏽\n\n- שלום\n- 你好",
};
