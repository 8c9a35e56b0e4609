/* What a pointer can ask of a chart: values, zoom, pan, hiding a curve, a log axis.
   The picture is complete without it. Texts go into the page as text, never as markup. */
"use strict";
(function () {
  Array.prototype.forEach.call(document.querySelectorAll("figure"), function (figure) {
    var block = figure.querySelector('script[type="application/json"]');
    if (block) { alive(figure, JSON.parse(block.textContent)); }
  });

  function alive(figure, data) {
    var svg = figure.querySelector("svg");
    var grid = svg.querySelector(".grid"), odd = svg.querySelector(".odd");
    var side = svg.querySelector(".side");
    var paths = svg.querySelectorAll(".curve"), bands = svg.querySelectorAll(".band");
    var W = data.box[0], H = data.box[1], L = data.box[2], R = data.box[3];
    var T = data.box[4], B = data.box[5], across = W - L - R, down = H - T - B;
    var hidden = data.curves.map(function () { return false; });
    var log = data.log, whole = reach(), from = whole[0], to = whole[1], low = 0, high = 1;
    var banded = [], next = 0;
    data.curves.forEach(function (curve) { banded.push(curve.low.length ? next++ : -1); });
    var clip = clipped(), hair = add(svg, "line", { "class": "hair", y1: T, y2: H - B });
    hair.setAttribute("visibility", "hidden");
    var tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    figure.appendChild(tip);

    function reach() {
      var first = Infinity, last = -Infinity;
      data.curves.forEach(function (curve) {
        curve.steps.forEach(function (step) {
          if (typeof step === "number") {
            first = Math.min(first, step);
            last = Math.max(last, step);
          }
        });
      });
      return first < last ? [first, last] : isFinite(first) ? [first - 1, first + 1] : [0, 1];
    }
    function clipped() {
      var id = svg.querySelector("title").id + "-clip";
      var rect = add(add(svg, "clipPath", { id: id }), "rect",
        { x: L - 2, y: T - 2, width: across + 4, height: down + 4 });
      [].concat(Array.from(paths), Array.from(bands)).forEach(function (path) {
        path.setAttribute("clip-path", "url(#" + id + ")");
      });
      return rect;
    }
    function placed(value) { return typeof value === "number" && (!log || value > 0); }
    function up(value) { return log ? Math.log10(value) : value; }
    function atX(step) { return L + (step - from) / (to - from) * across; }
    function atY(value) {
      var share = (up(value) / 2 - low / 2) / (high / 2 - low / 2);
      return T + (1 - Math.max(-9, Math.min(9, share))) * down;
    }
    function bounds() {
      var least = Infinity, most = -Infinity;
      data.curves.forEach(function (curve, owner) {
        if (hidden[owner]) { return; }
        curve.steps.forEach(function (step, at) {
          if (step < from || step > to) { return; }
          [curve.values[at], curve.low[at], curve.high[at]].forEach(function (value) {
            if (placed(value)) {
              least = Math.min(least, up(value));
              most = Math.max(most, up(value));
            }
          });
        });
      });
      if (!(least <= most)) { least = 0; most = 1; }
      if (!(most / 2 - least / 2 > 0)) {
        var room = Math.abs(least) * 0.05 || 1;
        least -= room;
        most += room;
      }
      low = least;
      high = most;
    }
    function add(parent, name, attributes, text) {
      var made = document.createElementNS(svg.namespaceURI, name);
      Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
      if (text !== undefined) { made.textContent = text; }
      return parent.appendChild(made);
    }
    function ticks(first, last, most) {
      var least = last / most - first / most, found = [], sizes = [1, 2, 5, 10];
      var ten = Math.pow(10, Math.floor(Math.log10(least))), width = 0;
      if (!(least > 0 && isFinite(ten) && ten > 0)) { return [first, last]; }
      sizes.some(function (size) { width = size * ten; return width >= least; });
      for (var n = Math.ceil(first / width - 1e-9); n * width <= last + 1e-9 * width; n++) {
        found.push(Number((n * width).toPrecision(12)));
      }
      return found;
    }
    function rows() {
      if (!log) { return ticks(low, high, 6); }
      var found = [];
      for (var power = Math.floor(low); power <= high; power++) {
        (high - low < 2.5 ? [1, 2, 5] : [1]).forEach(function (size) {
          var tick = Number(size + "e" + power);
          if (Math.log10(tick) >= low - 1e-9 && Math.log10(tick) <= high + 1e-9) {
            found.push(tick);
          }
        });
      }
      var stride = Math.ceil(found.length / 8);
      found = found.filter(function (_, at) { return at % stride === 0; });
      return found.length > 1 ? found : ticks(Math.pow(10, low), Math.pow(10, high), 5);
    }
    function said(value) {
      if (typeof value !== "number") { return String(value); }
      var size = Math.abs(value);
      if (size >= 1e4 && size < 1e15) {
        var unit = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : [1e3, "k"];
        return Number((value / unit[0]).toPrecision(4)) + unit[1];
      }
      return String(Number(value.toPrecision(5)));
    }
    function exact(value) {
      return typeof value === "number" ? String(Number(value.toPrecision(7))) : String(value);
    }
    function draw() {
      bounds();
      data.curves.forEach(function (curve, owner) {
        paths[owner].setAttribute("d", hidden[owner] ? "" : path(curve));
        if (banded[owner] >= 0) {
          bands[banded[owner]].setAttribute("d", hidden[owner] ? "" : band(curve));
        }
      });
      grid.textContent = "";
      rows().filter(function (tick) { return !log || tick > 0; }).forEach(function (tick) {
        var y = atY(tick).toFixed(1);
        add(grid, "line", { x1: L, x2: W - R, y1: y, y2: y });
        add(grid, "text", { x: L - 8, y: Number(y) + 4, "text-anchor": "end" }, said(tick));
      });
      ticks(from, to, 8).forEach(function (tick) {
        var x = atX(tick).toFixed(1);
        add(grid, "line", { x1: x, x2: x, y1: T, y2: H - B });
        add(grid, "text", { x: x, y: H - B + 17, "text-anchor": "middle" }, said(tick));
      });
      marks();
      side.textContent = [data.y, log ? "(log)" : ""].filter(Boolean).join(" ");
      point(null);
    }
    function path(curve) {
      var drawn = "", pen = "M";
      curve.steps.forEach(function (step, at) {
        if (typeof step !== "number" || !placed(curve.values[at])) { pen = "M"; return; }
        drawn += pen + atX(step).toFixed(1) + " " + atY(curve.values[at]).toFixed(1);
        if (pen === "M") { drawn += "h0"; }
        pen = "L";
      });
      return drawn;
    }
    function band(curve) {
      var above = [], below = [], floor = log ? Math.pow(10, low) : low;
      curve.steps.forEach(function (step, at) {
        if (!placed(curve.high[at])) { return; }
        var least = placed(curve.low[at]) ? curve.low[at] : floor;
        above.push(atX(step).toFixed(1) + " " + atY(curve.high[at]).toFixed(1));
        below.unshift(atX(step).toFixed(1) + " " + atY(least).toFixed(1));
      });
      return above.length ? "M" + above.concat(below).join("L") + "Z" : "";
    }
    function marks() {
      odd.textContent = "";
      data.curves.forEach(function (curve, owner) {
        if (hidden[owner]) { return; }
        curve.steps.forEach(function (step, at) {
          if (typeof curve.values[at] === "number" || !(step >= from && step <= to)) { return; }
          var x = atX(step).toFixed(1);
          var mark = add(odd, "line", { x1: x, x2: x, y1: H - B, y2: H - B - 9 });
          add(mark, "title", {}, curve.name + " " + curve.values[at] + " at " + exact(step));
        });
      });
    }

    /* Showing values: those logged nearest to where the pointer is. */
    function nearest(steps, wanted) {
      var begin = 0, end = steps.length - 1;
      while (end - begin > 1) {
        var middle = (begin + end) >> 1;
        if (steps[middle] < wanted) { begin = middle; } else { end = middle; }
      }
      return Math.abs(steps[begin] - wanted) <= Math.abs(steps[end] - wanted) ? begin : end;
    }
    function point(x) {
      var wanted = x === null ? NaN : from + (x - L) / across * (to - from);
      if (!(wanted >= from && wanted <= to)) {
        tip.hidden = true;
        hair.setAttribute("visibility", "hidden");
        return;
      }
      var best = null;
      data.curves.forEach(function (curve, owner) {
        if (hidden[owner] || !curve.steps.length) { return; }
        var step = curve.steps[nearest(curve.steps, wanted)];
        if (best === null || Math.abs(step - wanted) < Math.abs(best - wanted)) { best = step; }
      });
      if (best === null) { return; }
      tip.textContent = "";
      line(data.x + " " + exact(best), "");
      data.curves.forEach(function (curve, owner) {
        if (hidden[owner] || !curve.steps.length) { return; }
        var at = nearest(curve.steps, best), step = curve.steps[at];
        if (step < from || step > to) { return; }
        var where = step === best ? "" : " (at " + exact(step) + ")";
        line(exact(curve.values[at]) + where, curve.name);
      });
      var x1 = Math.max(L, Math.min(W - R, atX(best))).toFixed(1);
      hair.setAttribute("x1", x1);
      hair.setAttribute("x2", x1);
      hair.setAttribute("visibility", "visible");
      tip.hidden = false;
      var box = svg.getBoundingClientRect(), home = figure.getBoundingClientRect();
      var here = box.left - home.left + x1 / W * box.width;
      var left = here + 12 + tip.offsetWidth > home.width ? here - 12 - tip.offsetWidth : here + 12;
      tip.style.left = Math.max(0, left) + "px";
      tip.style.top = box.top - home.top + T + "px";
    }
    function line(value, name) {
      var row = document.createElement("div"), strong = document.createElement("b");
      strong.textContent = value;
      row.appendChild(strong);
      if (name) { row.appendChild(document.createTextNode(" " + name)); }
      tip.appendChild(row);
    }

    /* Zoom and pan, both along the steps; the other axis follows what is in sight. */
    function show(first, last) {
      var width = Math.min(last - first, whole[1] - whole[0]);
      if (!(width > (whole[1] - whole[0]) * 1e-6)) { return; }
      from = Math.max(whole[0], Math.min(first, whole[1] - width));
      to = from + width;
      draw();
    }
    function zoom(factor, around) {
      var middle = around === undefined ? (from + to) / 2 : around;
      show(middle - (middle - from) * factor, middle + (to - middle) * factor);
    }
    function pan(share) { show(from + share * (to - from), to + share * (to - from)); }
    function there(event) {
      var box = svg.getBoundingClientRect();
      return (event.clientX - box.left) / box.width * W;
    }
    var held = null;
    svg.addEventListener("pointerdown", function (event) {
      held = { x: there(event), from: from, to: to };
    });
    svg.addEventListener("pointermove", function (event) {
      var x = there(event);
      if (held && event.buttons) {
        var moved = (held.x - x) / across * (held.to - held.from);
        show(held.from + moved, held.to + moved);
      } else {
        held = null;
        point(x);
      }
    });
    svg.addEventListener("pointerup", function () { held = null; });
    svg.addEventListener("pointerleave", function () { held = null; point(null); });
    svg.addEventListener("dblclick", function () { show(whole[0], whole[1]); });
    svg.addEventListener("wheel", function (event) {
      if (!event.ctrlKey && !event.shiftKey) { return; }
      event.preventDefault();
      var x = there(event), delta = event.deltaY || event.deltaX;
      zoom(delta > 0 ? 1.25 : 0.8, from + (x - L) / across * (to - from));
    }, { passive: false });
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", function (event) {
      var keys = { "+": [zoom, 0.7], "=": [zoom, 0.7], "-": [zoom, 1.4],
        ArrowLeft: [pan, -0.2], ArrowRight: [pan, 0.2] };
      if (event.key === "0" || event.key === "Home") { show(whole[0], whole[1]); }
      else if (keys[event.key]) { keys[event.key][0](keys[event.key][1]); }
      else { return; }
      event.preventDefault();
    });

    /* Buttons, only where there is a script to answer them. */
    function button(parent, text, name, press) {
      var made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      if (name) { made.setAttribute("aria-label", name); made.title = name; }
      made.addEventListener("click", function () { press(made); });
      return parent.appendChild(made);
    }
    var tools = document.createElement("div");
    tools.className = "tools";
    button(tools, "+", "zoom in (+, or Ctrl and wheel)", function () { zoom(0.6); });
    button(tools, "\u2212", "zoom out (-)", function () { zoom(1 / 0.6); });
    button(tools, "\u2190", "earlier (left arrow, or drag)", function () { pan(-0.3); });
    button(tools, "\u2192", "later (right arrow, or drag)", function () { pan(0.3); });
    button(tools, "all", "the whole range (0, or double click)", function () {
      show(whole[0], whole[1]);
    });
    button(tools, "log", "logarithmic axis", function (made) {
      log = !log;
      made.setAttribute("aria-pressed", String(log));
      draw();
    }).setAttribute("aria-pressed", String(log));
    svg.insertAdjacentElement("afterend", tools);
    Array.prototype.forEach.call(figure.querySelectorAll(".legend .name"), function (name, owner) {
      var made = button(name.parentNode, name.textContent, "", function () {
        hidden[owner] = !hidden[owner];
        made.setAttribute("aria-pressed", String(!hidden[owner]));
        draw();
      });
      made.setAttribute("aria-pressed", "true");
      name.remove();
    });
    figure.setAttribute("data-live", "yes");
    void clip;
  }
}());
