// Colours for blocks of Play. The site's own highlighter knows the words; what they mean is in the reference.
(function () {
  "use strict";
  if (typeof hljs === "undefined") return;
  hljs.registerLanguage("play", function () {
    var words =
      "use case type enum open const failures fn procedure source connector playbook guard config test controls role queue " +
      "for when from let if else match in and or not as like ilike matches none true false do set note reveal route to hand over " +
      "close because step rollback wait every until within ask approve showing then irreversible retry backoff timeout " +
      "read write event expect fails undo verify snapshot idempotent by class cache limit per auth accept dedup map covers " +
      "never allow refuse approval before given run returns pii secret trusted";
    return {
      name: "Play",
      keywords: { $pattern: /[a-z_]+/, keyword: words },
      contains: [
        { className: "comment", begin: /\/\//, end: /$/ },
        {
          className: "string", begin: /"/, end: /"/,
          contains: [{ begin: /\\./ }, { className: "subst", begin: /\{/, end: /\}/ }]
        },
        { className: "regexp", begin: /(?<=matches\s)\/[^\n/]/, end: /\// },
        { className: "number", begin: /\b\d[\d.:TZ-]*(?:\/\d+)?(?:ms|s|m|h|d|B|KB|MB|GB)?\b/ },
        { className: "type", begin: /\b[A-Z][A-Za-z0-9_]*/ }
      ]
    };
  });
  // The highlighter has been over the page already, when it did not know the language yet.
  document.querySelectorAll("code.language-play").forEach(function (block) {
    block.textContent = block.textContent;
    block.className = "language-play";
    hljs.highlightBlock(block);
  });
})();
