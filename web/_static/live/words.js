/* Every word that the translator says to its reader. A word that takes something in is a
   function. An edition in another language has the same table (zh/live.js), read before. */
"use strict";
(() => {
  const english = {
    models: {
      "grammar-en-de": {
        name: "English to German",
        from: "a small grammar of our own",
        read: "20,000 sentence pairs of a small grammar",
        about:
          "It has read 20,000 pairs of sentences that a small grammar made, and nothing else. It knows fewer than 300 word forms: change one word of an example.",
        lessons: [
          '<i lang="de">sie</i> is the box (<i lang="de">die Kiste</i>). With “too big” instead of “too small” it becomes <i lang="de">es</i>: the bicycle (<i lang="de">das Fahrrad</i>).',
          '<i lang="de">es</i> is the bicycle (<i lang="de">das Fahrrad</i>). With “too small” instead of “too big” it becomes <i lang="de">sie</i>: the box (<i lang="de">die Kiste</i>).',
        ],
      },
      "help-en-zh": {
        name: "English to Chinese",
        from: "software help",
        read: "19,239 sentence pairs of LibreOffice’s help",
        about:
          "It has read 19,239 pairs of sentences of LibreOffice’s help, and nothing else. Ask it about cells, files and menus; of the weather it knows nothing.",
      },
    },
    model: "Translator",
    sentence: "English sentence",
    translate: "Translate",
    examples: "Try",
    another: "Examples",
    empty: "Type a sentence first.",
    loading: (size) => `Loading the translator, ${size}. Nothing is sent anywhere.`,
    failed:
      "The translator’s numbers did not load. Is the folder _static/live/weights complete? Press Translate to try again.",
    working: "Translating …",
    unread: (found) =>
      `Never read in training: ${found.slice(0, 8).join(", ")}${found.length > 8 ? " …" : ""}. It guesses from their pieces.`,
    said: (text) => `Translation: ${text}`,
    nothing: "(nothing: the first word it chose was the end)",
    trained: "As trained",
    changed: "With your changes",
    same: "the same words",
    took: (read, written, time) =>
      `${read} pieces read, ${written} written, ${time} ms in this page`,
    lead: (read) => `A small Transformer, trained on ${read}.`,
    inside: "Look inside",
    pair: (what, which) => `${what}: ${which}`,
    aside: (text) => ` (${text})`,
    both: (name, more) => `${name}, ${more}`,
    then: (first, second) => `${first}. ${second}`,

    looks: "Where it looks",
    kinds: {
      "encoder.attention": "The source looks at itself",
      "decoder.attention": "The translation looks back at itself",
      "decoder.cross_attention": "The translation looks at the source",
    },
    stacks: { encoder: "encoder", decoder: "decoder" },
    headOf: (stack, layer, head) => `${stack}, layer ${layer}, head ${head}`,
    head: (number) => `head ${number}`,
    layer: (number) => `layer ${number}`,
    gone: "taken out",
    fan: (query, head) => `What ${query} looks at, by ${head}. The more ink, the more weight.`,
    follow: "Point at a word of the lower row, or reach it with Tab.",
    keys: "Keys",
    queries: "Queries",
    map: "All weights of this head: a row for each word that looks, a column for each that is looked at. Arrow keys move.",
    term: (query, key) => `${query} → ${key}`,
    product: (x) => `q·k = ${x}`,
    root: (d_k, x) => `÷ √${d_k} = ${x}`,
    noRoot: "not divided",
    softmax: (count, share) => `softmax over ${count}: ${share}`,
    sheet: "Every head at once",
    sheetHint: "Each square is one head. Choose one to see it large, above.",

    tries: "Try this",
    tried: [
      [
        "Take its gender away",
        'The head that opens first goes. Look at the article: <i lang="de">die Kiste</i> becomes <i lang="de">den Kiste</i>. But <i lang="de">sie</i>, further on, still stands for the box.',
      ],
      [
        "Let it forget the box",
        'A head of the encoder goes, in which “it” looks mostly at “box”. Look at the pronoun: <i lang="de">sie</i> becomes <i lang="de">es</i>, and now the bicycle is too small.',
      ],
      [
        "Take the order away",
        "The positions go. Look who sees whom; then exchange “dog” and “man”: without positions both sentences come out the same.",
      ],
    ],

    cut: "Take something away",
    surgery:
      "This is surgery, not training. The translator learned with all of its parts, and nothing is trained again here. What becomes of one that <em>learns</em> without a part is another question: the chapters train it.",
    noScale: "take out: the division by √d",
    noPlace: "take out: the positions",
    drop: "Take this head out",
    back: "Put this head back",
    dropLayer: "All heads of this layer",
    backLayer: "Put this layer’s heads back",
    dropped: "Heads taken out:",
    none: "none",
    putBack: (head) => `Put back: ${head}`,
    reset: "All as trained",

    choose: "How it chooses words",
    ways: { greedy: "the likeliest", beam: "beam search", draw: "by chance" },
    beams: "beams",
    temperature: "temperature",
    again: "Draw again",

    words: "Word by word",
    word: "word",
    place: (number, of) => `${number} of ${of}`,
    play: "Play",
    pause: "Pause",
    next: "The next word, and what else it might have been. Choose another: it goes on from there.",
    open: (number, beams) =>
      `After word ${number}: the ${beams} likeliest open translations, and those that ended here.`,
    soFar: "so far",
    logp: "log p",
    score: "score",
    still: "open",
    ended: (score) => `${score}, ended`,
    figure:
      "Figure 1 of the paper, with the shapes of this sentence. The three attentions are buttons.",

    share: "Copy a link to this view",
    shared: "Copied",
    start: "start",
    end: "end",
    unknown: "unknown",
    blank: "blank",
  };

  const MODELS = {
    "grammar-en-de": {
      size: "0.8 MB",
      lang: "de",
      layers: 2,
      heads: 4,
      look: "decoder.1.cross_attention.1",
      examples: [
        "My bicycle does not fit into the box because it is too small.",
        "My bicycle does not fit into the box because it is too big.",
        "The nurse who invited a woman may steal the small apple in the evening.",
        "Because we jumped onto the wall, the weak nurse danced.",
      ],
      tries: [
        { look: "decoder.1.cross_attention.1", word: 5, without: ["decoder.1.cross_attention.1"] },
        { look: "encoder.1.attention.0", query: 9, without: ["encoder.1.attention.0"] },
        { text: "The dog sees the man.", placed: false },
      ],
    },
    "help-en-zh": {
      size: "2.2 MB",
      lang: "zh",
      layers: 4,
      heads: 4,
      look: "decoder.3.cross_attention.0",
      examples: [
        "Click the button to open the file.",
        "You can insert a table into the document.",
        "To delete the selected row, press the Delete key.",
        "If the cell contains text, an error message is displayed.",
      ],
    },
  };
  const KINDS = Object.keys(english.kinds);

  const words = { ...english, ...globalThis.allyouneedWords?.live };
  Object.assign((globalThis.allyouneed ??= {}), { words, MODELS, KINDS });
})();
