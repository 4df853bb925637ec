/** Texts for the tests of Markdown: what answers look like, and what someone who means harm would send. */

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

const repeated = (text: string, times: number): string => text.repeat(times);

export const hostile: Readonly<Record<string, string>> = {
  script:
    '<script>window.hit = 1</script>\n\n<img src=x onerror="window.hit=1">\n\n<svg onload=alert(1)><use href="//x"/></svg>',
  frames:
    '<iframe src="https://sink.example"></iframe><object data=x></object><embed src=x><base href="//x"><link rel=prefetch href=//x>',
  style: '<style>@import "https://sink.example/x.css"</style><p style="background:url(https://sink.example)">x</p>',
  images:
    '![a](https://sink.example/?d=1)\n\n![b][ref]\n\n[ref]: https://sink.example/2 "t"\n\n![c](data:image/svg+xml;base64,PHN2Zz4=)\n\n[![d](https://sink.example/3)](https://sink.example/4)',
  links:
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html;base64,PHNjcmlwdD4=) [d](file:///etc/passwd) <javascript:alert(1)> [e](&#106;avascript:alert(1)) [f](java\tscript:alert(1))",
  maths:
    "$\\href{javascript:alert(1)}{x}$ $\\includegraphics{https://sink.example/x}$ $$\\htmlStyle{color:red}{x}$$ $\\def\\a{\\a\\a}\\a$ $\\url{https://sink.example}$ $\\htmlData{x=1}{y}$",
  code: '```html" onmouseover="alert(1)\n</code></pre><script>window.hit=1</script>\n```\n\n`<img src=x onerror=alert(1)>`',
  table: "| <img src=x onerror=1> | b |\n|---|---|\n| <script>1</script> | [x](javascript:1) |",
  hidden: "```sh\nrm \u202e fr- /\u202c \u200b\u{e0041}\n```\n\n[safe\u202etxt](https://example.com/\u200b)",
  brackets: repeated("[", 4000),
  images2: repeated("![", 3000),
  emphasis: repeated("**a _b ", 1500),
  stars: repeated("*", 4000),
  ticks: repeated("a``b`", 1500),
  quotes: `${repeated(">", 3000)} x`,
  deepLists: Array.from({ length: 150 }, (_, depth) => `${" ".repeat(depth * 2)}- a`).join("\n"),
  mailish: `${repeated("a.", 4000)}@`,
  dollars: repeated("$a ", 3000),
  pipes: `${repeated("|", 3000)}\n${repeated("|-", 200)}`,
  entities: repeated("&#x;&#99999999;&amp", 400),
  fences: repeated("```\n~~~\n", 400),
  definitions: repeated("[a]: https://example.com\n[b][a] ", 300),
};
