(function () {
  var form = document.querySelector(".filters"), left = document.getElementById("left");
  var rows = [].slice.call(document.querySelectorAll("section tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  function show() {
    var words = form.text.value.toLowerCase().split(/\s+/), count = 0;
    rows.forEach(function (row, i) {
      var fits = (!form.spec.value || form.spec.value === row.parentNode.parentNode.parentNode.id) &&
        (!form.level.value || form.level.value === row.dataset.level) &&
        (!form.status.value || form.status.value === row.dataset.status) &&
        words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !fits;
      count += fits;
    });
    document.querySelectorAll("section").forEach(function (section) {
      section.hidden = !section.querySelector("tbody tr:not([hidden])");
    });
    left.textContent = count + " of " + rows.length + " rows";
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  show();
})();
