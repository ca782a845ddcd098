"use strict";
// The grid of answer sheets: a full field leads to the next one, Enter and the arrows move, 1 2 3 4 become letters.
(function () {
  var grid = document.querySelector("[data-typing]");
  if (!grid) return;
  var fields = Array.prototype.slice.call(grid.querySelectorAll("input[data-full]"));
  var LETTERS = { 1: "A", 2: "B", 3: "C", 4: "D", 0: "-", ".": "-" };

  function go(from, by) {
    var next = fields[fields.indexOf(from) + by];
    if (!next) return false;
    next.focus();
    next.select();
    return true;
  }

  function inRow(field) {
    return field.parentNode.querySelectorAll("input[data-full]").length;
  }

  grid.addEventListener("input", function (event) {
    var field = event.target, at = field.selectionStart;
    if (field.className === "typed-letters") {
      field.value = field.value.toUpperCase().replace(/[0-4.]/g, function (digit) { return LETTERS[digit]; });
      // A letter corrected in the middle leaves the cursor there.
      field.setSelectionRange(at, at);
    }
    if (at === field.value.length && field.value.length === Number(field.getAttribute("data-full"))) go(field, 1);
  });

  grid.addEventListener("keydown", function (event) {
    var field = event.target;
    if (event.isComposing || !field.hasAttribute("data-full")) return;
    var by = { Enter: 1, ArrowDown: inRow(field), ArrowUp: -inRow(field) }[event.key];
    if (by && go(field, by)) event.preventDefault();
  });
})();
