"use strict";
// Fields over the time of a run: a slider, a map, below it the profile along a line, and the voltage.
// What is drawn stands in the page, as JSON beside each slider; nothing is fetched.
(() => {
  const WIDE = 900, LEFT = 66, RIGHT = 96, INNER = WIDE - LEFT - RIGHT;
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

  function make(parent, name, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  function ticks(low, high, most) {
    const rough = (high - low) / most, size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(n => n * size).find(s => s >= rough * (1 - 1e-9));
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
    return found;
  }

  const written = value => String(Number(value.toPrecision(4))).replace("-", "\u2212");

  // A frame of axes from `top` down: places of numbers in it, and where to draw.
  function panel(svg, top, height, x, y, xlabel, ylabel, left = LEFT, width = INNER) {
    const group = make(svg, "g", {});
    const X = value => left + (value - x[0]) / (x[1] - x[0]) * width;
    const Y = value => top + height - (value - y[0]) / (y[1] - y[0]) * height;
    const content = make(group, "g", {});
    make(group, "rect", {x: left, y: top, width, height, class: "axis"});
    for (const at of ticks(x[0], x[1], Math.max(2, Math.floor(width / 90)))) {
      make(group, "path", {d: `M${X(at)} ${top + height}v4`, class: "axis"});
      make(group, "text", {x: X(at), y: top + height + 17, "text-anchor": "middle"}, written(at));
    }
    for (const at of ticks(y[0], y[1], Math.max(2, Math.floor(height / 35)))) {
      make(group, "path", {d: `M${left} ${Y(at)}h-4`, class: "axis"});
      make(group, "text", {x: left - 7, y: Y(at) + 4, "text-anchor": "end"}, written(at));
    }
    make(group, "text", {x: left + width / 2, y: top + height + 34, "text-anchor": "middle"}, xlabel);
    const turned = `rotate(-90 ${left - 48} ${top + height / 2})`;
    make(group, "text", {x: left - 48, y: top + height / 2, "text-anchor": "middle", transform: turned}, ylabel);
    return {group, content, X, Y, x, y, left, top, width, height};
  }

  const path = (place, xs, ys) =>
    "M" + Array.from(xs, (x, k) => `${place.X(x).toFixed(1)} ${place.Y(ys[k]).toFixed(1)}`).join("L");

  function colours(field) {
    const rgb = bytes(field.palette);
    return k => `rgb(${rgb[3 * k]},${rgb[3 * k + 1]},${rgb[3 * k + 2]})`;
  }

  // The colours of a field, beside a panel.
  function bar(svg, place, field, number) {
    const name = `colours-${number}`, colour = colours(field);
    const gradient = make(make(svg, "defs", {}), "linearGradient", {id: name, x1: 0, y1: 1, x2: 0, y2: 0});
    for (let k = 0; k <= 32; k++)
      make(gradient, "stop", {offset: k / 32, "stop-color": colour(Math.round(k / 32 * 255))});
    const left = place.left + place.width + 12;
    make(svg, "rect", {x: left, y: place.top, width: 12, height: place.height, fill: `url(#${name})`});
    const Y = value => place.top + place.height * (1 - (value - field.low) / (field.high - field.low));
    for (const at of ticks(field.low, field.high, Math.max(2, Math.floor(place.height / 35))))
      make(svg, "text", {x: left + 17, y: Y(at) + 4}, written(at));
  }

  // Numbers (frames, points) of a field along a line, and their picture with time across.
  function numbers(field) {
    const raw = new Uint16Array(bytes(field.values).buffer);
    return Float64Array.from(raw, v => field.low + v / 65535 * (field.high - field.low));
  }

  function raster(field, values, frames, points) {
    const canvas = document.createElement("canvas"), rgb = bytes(field.palette);
    canvas.width = frames;
    canvas.height = points;
    const pen = canvas.getContext("2d"), image = pen.createImageData(frames, points);
    for (let k = 0; k < frames; k++) for (let i = 0; i < points; i++) {
      const share = (values[k * points + i] - field.low) / (field.high - field.low);
      const c = 3 * Math.round(255 * Math.min(1, Math.max(0, share))), at = 4 * ((points - 1 - i) * frames + k);
      image.data.set([rgb[c], rgb[c + 1], rgb[c + 2], 255], at);
    }
    pen.putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  function start(box, number) {
    const data = JSON.parse(box.querySelector("script").textContent), t = data.t, line = data.x !== undefined;
    const slider = box.querySelector("input"), told = box.querySelector("output");
    const chooser = box.querySelector("select"), button = box.querySelector("button");
    const drawing = box.querySelector(".drawing");
    let draw = () => {}, timer = null;
    const range = values => {
      const low = Math.min(...values), high = Math.max(...values), room = 0.05 * (high - low) || 1;
      return [low - room, high + room];
    };
    const span = t.length > 1 ? [t[0], t[t.length - 1]] : [t[0] - 0.5, t[0] + 0.5];

    function choose(time) {
      let best = 0;
      t.forEach((each, k) => { if (Math.abs(each - time) < Math.abs(t[best] - time)) best = k; });
      slider.value = best;
      draw(best);
    }

    // A panel with time across: where it is clicked, the slider goes.
    function timed(svg, place) {
      const now = make(place.group, "path", {class: "now"});
      place.group.classList.add("map");
      place.group.addEventListener("click", event => {
        const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
        choose(span[0] + (at.x - place.left) / place.width * (span[1] - span[0]));
      });
      return k => now.setAttribute("d", `M${place.X(t[k])} ${place.top}v${place.height}`);
    }

    function voltage(svg, top) {
      const place = panel(svg, top, 90, span, range(data.voltage.v), data.tlabel, data.voltage.label);
      make(place.content, "path", {d: path(place, data.voltage.t, data.voltage.v), class: "curve"});
      return timed(svg, place);
    }

    function show(field) {
      drawing.replaceChildren();
      const svg = make(drawing, "svg", {});
      const movers = [];
      let bottom;
      if (line) {
        const values = numbers(field), points = data.x.length, ends = [data.x[0], data.x[points - 1]];
        const map = panel(svg, 10, 220, span, ends, data.tlabel, data.xlabel);
        make(map.content, "image", {
          x: LEFT, y: 10, width: INNER, height: 220, preserveAspectRatio: "none",
          href: raster(field, values, t.length, points),
        });
        for (const [when, where] of data.slips)
          make(map.content, "circle", {cx: map.X(when), cy: map.Y(where), r: 4, fill: "none", stroke: "#d62728"});
        bar(svg, map, field, number);
        movers.push(timed(svg, map));
        const profile = panel(svg, 290, 170, ends, range([field.low, field.high]), data.xlabel, field.label);
        const curve = make(profile.content, "path", {class: "curve profile"});
        movers.push(k => curve.setAttribute("d", path(profile, data.x, values.subarray(k * points, (k + 1) * points))));
        bottom = 510;
      } else {
        const size = data.extent, aspect = (size[1] - size[0]) / (size[3] - size[2]);
        const height = Math.max(60, Math.min(440, INNER / aspect));
        const wide = Math.min(INNER, height * Math.max(aspect, height <= 60 ? INNER / 60 : 0));
        const left = LEFT + (INNER - wide) / 2, [across, up] = data.labels;
        const map = panel(svg, 10, height, [size[0], size[1]], [size[2], size[3]], across, up, left, wide);
        const image = make(map.content, "image", {
          x: left, y: 10, width: wide, height, preserveAspectRatio: "none", class: "frame",
        });
        const marks = make(map.content, "g", {});
        bar(svg, map, field, number);
        movers.push(k => {
          image.setAttribute("href", field.frames[k]);
          marks.replaceChildren();
          for (const [x, y, winding] of data.vortices[k] || [])
            make(marks, "circle", {cx: map.X(x), cy: map.Y(y), r: 5, fill: "none", "stroke-width": 1.6,
              stroke: winding > 0 ? "#7fe0ff" : "#5fd35f"});
        });
        bottom = 10 + height + 50;
      }
      if (data.voltage) {
        movers.push(voltage(svg, bottom));
        bottom += 140;
      }
      svg.setAttribute("viewBox", `0 0 ${WIDE} ${bottom}`);
      draw = k => {
        told.textContent = data.times[k];
        movers.forEach(move => move(k));
      };
      draw(Number(slider.value));
    }

    slider.max = t.length - 1;
    slider.value = t.length - 1;
    slider.addEventListener("input", () => draw(Number(slider.value)));
    chooser.addEventListener("change", () => show(data.fields[chooser.selectedIndex]));
    button.addEventListener("click", () => {
      if (timer !== null) {
        clearInterval(timer);
        timer = null;
      } else {
        timer = setInterval(() => {
          slider.value = (Number(slider.value) + 1) % t.length;
          draw(Number(slider.value));
        }, Math.max(40, 8000 / t.length));
      }
      button.textContent = timer === null ? "Play" : "Stop";
    });
    show(data.fields[0]);
  }

  document.querySelectorAll(".player").forEach(start);
})();
