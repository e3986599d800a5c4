"use strict";
(() => {
  // The address bar has the state: #/ #/cases?FILTERS #/case/ID?FILTERS #/behaviour #/fuzz #/time.
  // FILTERS name what the table of cases shows, so that a link shows what its sender saw.
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = (number) => data.strings[number];
  const byId = (id) => document.getElementById(id);
  const LOUD = ["FAIL", "ERR", "ok!"];
  const WORDS = [...LOUD, "known", "note", "skip", "-", "ok"];
  const PASSED = ["ok", "note", "ok!"]; // the outcome `pass`
  const FILTERS = ["q", "lane", "outcome", "family", "claim", "differs", "alone"];
  const IN_FULL = 40; // cases that a filter leaves and that are shown without opening a topic
  const lanes = data.lanes.map((lane) => lane.name);
  const cases = new Map(data.cases.map((one) => [one.id, one]));
  const filterForm = byId("filters");

  // -- elements ----------------------------------------------------------------------------------

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
    return element;
  }

  function laneHead(name) {
    const at = name.indexOf("@");
    if (at < 0) return h("span", { class: "lane-name" }, name);
    let version = name.slice(at + 1).replace(/^path:/, "");
    if (version.length > 18) version = "..." + version.slice(-15);
    return [h("span", { class: "lane-name" }, name.slice(0, at)), " ", h("span", { class: "lane-version" }, version)];
  }

  const word = (cell) => h("span", { class: "badge", "data-word": cell }, cell);

  function copyable(content, element) {
    const label = "Copy";
    const button = h("button", { type: "button", class: "copy", onclick: async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(content);
      } catch {
        const area = h("textarea", { readonly: true }, content);
        document.body.append(area);
        area.select();
        done = document.execCommand("copy");
        area.remove();
      }
      button.textContent = done ? "Copied" : "Not copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    } }, label);
    element.append(" ", button);
    return element;
  }

  const command = (line) => copyable(line, h("div", { class: "copyable" }, h("code", {}, line)));

  // Links only to the web: a reference may be any text.
  const link = (address, label) => h("a", { href: address, rel: "noreferrer noopener" }, label);
  const PAGES = data.references.pages;
  const STANDARD = new RegExp(`(${data.references.standard})`);

  function reference(value) {
    if (PAGES[value]) return link(PAGES[value], value);
    return /^https?:\/\/\S+$/.test(value) ? link(value, value) : standards(value);
  }

  // The text with links to the sections of RFCs that it names: `RFC 9110 9.3.6, 15.5.8`.
  function standards(value) {
    return value.split(STANDARD).map((part, index) => {
      if (index % 2 === 0) return part;
      const rfc = part.match(/\d+/)[0];
      const to = (section, label) => link(`https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`, label);
      const [first, ...more] = part.slice(5 + rfc.length).split(/(, | and )/);
      return [to(first, `RFC ${rfc} ${first}`), ...more.map((one) => (/\d/.test(one) ? to(one, one) : one))];
    });
  }

  const scrolled = (label, table) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);

  function definition(pairs, name) {
    return h("dl", { class: name }, pairs.map(([term, value]) =>
      h("div", {}, h("dt", {}, term), h("dd", {}, value))));
  }

  // -- address -----------------------------------------------------------------------------------

  function route() {
    const [path, query] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
    const [view, ...rest] = path.split("/");
    let id = rest.join("/");
    try { id = decodeURIComponent(id); } catch { /* not encoded: the id as it is */ }
    return { view: view || "overview", id, query: new URLSearchParams(query || "") };
  }

  function address(path, query) {
    const words = [...query].filter(([, value]) => value !== "");
    return `#/${path}${words.length ? "?" + new URLSearchParams(words) : ""}`;
  }

  function filtersOf(query) {
    return new URLSearchParams(FILTERS.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
  }

  function replaceAddress(hash) {
    history.replaceState(history.state, "", hash);
    show(false);
  }

  // -- the table of cases ------------------------------------------------------------------------

  const searched = new Map(); // id -> the text of a case that the text filter searches

  function searchText(one) {
    if (!searched.has(one.id)) {
      const words = [one.id, text(one.title)];
      for (const trial of one.trials) {
        if (trial === null) continue;
        if (trial.known) words.push(text(trial.known[0]));
        for (const number of trial.findings) words.push(...data.findings[number].slice(0, 6).map(text));
      }
      searched.set(one.id, words.join("\n").toLowerCase());
    }
    return searched.get(one.id);
  }

  function matches(one, wanted) {
    const lane = lanes.indexOf(wanted.lane);
    if (wanted.family && one.id.split("/")[0] !== wanted.family) return false;
    if (wanted.differs && !one.differ) return false;
    if (wanted.alone && (one.alone === undefined || (wanted.lane && one.alone !== lane))) return false;
    if (wanted.q && !wanted.q.toLowerCase().split(/\s+/).every((part) => searchText(one).includes(part))) return false;
    if (!wanted.lane && !wanted.outcome && !wanted.claim) return true;
    return one.trials.some((trial, number) => {
      if (wanted.lane && number !== lane) return false;
      const cell = trial ? trial.cell : "-";
      if (wanted.outcome && cell !== wanted.outcome && !(wanted.outcome === "pass" && PASSED.includes(cell))) return false;
      return !wanted.claim || (trial !== null && trial.findings.some((f) => text(data.findings[f][1]) === wanted.claim));
    });
  }

  function selected(query) {
    const wanted = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) || ""]));
    return data.cases.filter((one) => matches(one, wanted));
  }

  const topicOf = (id) => id.split("/").slice(0, 2).join("/");

  function grouped(items, key) {
    const groups = new Map();
    for (const item of items) {
      const name = key(item);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    return groups;
  }

  function counts(of, lane) {
    const found = {};
    for (const one of of) {
      const cell = one.trials[lane] ? one.trials[lane].cell : "-";
      found[cell] = (found[cell] || 0) + 1;
    }
    return WORDS.filter((name) => found[name]).map((name) =>
      [h("span", { class: "count-of", "data-word": name }, name === "ok" ? `${found[name]}` : `${found[name]} ${name}`), " "]);
  }

  function toggled(query, name, value) {
    const values = new Set((query.get(name) || "").split(",").filter(Boolean));
    if (!values.delete(value)) values.add(value);
    const next = new URLSearchParams(query);
    next.set(name, [...values].join(","));
    return address("cases", next);
  }

  function caseRow(one, query) {
    return h("tr", { class: "case-row" },
      h("th", { scope: "row" },
        h("a", { href: address(`case/${one.id}`, filtersOf(query)) }, h("code", {}, one.id.split("/").slice(2).join("/") || one.id)),
        h("span", { class: "title" }, text(one.title))),
      one.trials.map((trial, lane) => h("td", { "data-alone": one.alone === lane ? "yes" : null }, word(trial ? trial.cell : "-"))));
  }

  function matrix(query) {
    const found = selected(query);
    const filtered = FILTERS.some((name) => query.get(name));
    const folded = new Set((query.get("fold") || "").split(","));
    const changed = new Set((query.get("open") || "").split(","));
    const allOpen = filtered && found.length <= IN_FULL;
    const table = byId("matrix");
    const body = h("tbody", {});
    for (const [family, ofFamily] of grouped(found, (one) => one.id.split("/")[0])) {
      const open = !folded.has(family);
      body.append(h("tr", { class: "family" },
        h("th", { scope: "row" }, h("button", { type: "button", "aria-expanded": String(open), onclick: () => replaceAddress(toggled(query, "fold", family)) },
          family), h("span", { class: "number" }, `${ofFamily.length}`)),
        lanes.map((_, lane) => h("td", {}, counts(ofFamily, lane)))));
      if (!open) continue;
      for (const [topic, ofTopic] of grouped(ofFamily, (one) => topicOf(one.id))) {
        const shown = changed.has(topic) !== allOpen;
        const toggle = () => replaceAddress(toggled(query, "open", topic));
        body.append(h("tr", { class: "topic" },
          h("th", { scope: "row" }, h("button", { type: "button", "aria-expanded": String(shown), onclick: toggle }, topic.split("/")[1] || topic),
            h("span", { class: "number" }, `${ofTopic.length}`)),
          lanes.map((_, lane) => h("td", { onclick: toggle }, counts(ofTopic, lane)))));
        if (shown) body.append(...ofTopic.map((one) => caseRow(one, query)));
      }
    }
    const active = document.activeElement && table.contains(document.activeElement) ? document.activeElement.textContent : null;
    table.replaceChildren(
      h("caption", { class: "hidden" }, "Number of cases by topic and lane; a topic opens to its cases"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "topic"), lanes.map((lane) => h("th", { scope: "col" }, laneHead(lane))))),
      body);
    if (active !== null) [...table.querySelectorAll("button")].find((button) => button.textContent === active)?.focus();
    byId("found").textContent = `${found.length} of ${data.cases.length} cases`;
    for (const name of FILTERS) {
      const field = filterForm.elements[name];
      if (field.type === "checkbox") field.checked = query.get(name) === "1";
      else if (field !== document.activeElement) field.value = query.get(name) || "";
    }
  }

  function changeFilter(event) {
    const query = route().query;
    for (const name of FILTERS) {
      const field = filterForm.elements[name];
      query.set(name, field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim());
    }
    query.delete("open");
    const hash = address("cases", query);
    // Typing replaces the address, or the back button would go back a letter at a time.
    if (event.type === "input") replaceAddress(hash);
    else if (hash !== location.hash) location.hash = hash;
  }

  // -- differences -------------------------------------------------------------------------------

  function commonEnds(one, other) {
    let start = 0;
    const shorter = Math.min(one.length, other.length);
    while (start < shorter && one[start] === other[start]) start += 1;
    let end = 0;
    while (end < shorter - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
    return [start, end];
  }

  // What every request has of its own: lines by name, and parts of other lines. They stay unmarked.
  const OWN = ["date", "x-oss-date", "user-agent", "x-oss-request-id", "request id", "order of fields", "class", "text"];
  const OWN_PART = new RegExp([
    "^[!#$%&'*+.^_`|~A-Za-z0-9-]+(?=:)", // the name of a field: capitals do not count (RFC 9110 5.1)
    "(?<=signature=)[^,&\\s\"]+", "(?<=\\bOSS [^\\s:]+:)\\S+", // of V4 and URLs, of V1
    "\\b\\d{8}T\\d{6}Z", "(?<=/|%2F)\\d{8}(?=/|%2F)", "(?<=[?&]expires=)\\d+",
    "\\b[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT", "\\b[0-9A-F]{24}\\b",
    "(?<=,) +(?=(?:signature|additionalheaders)=)|(?<=,)(?=(?:signature|additionalheaders)=)",
  ].join("|"), "gi");

  // What is compared of a line, with where each ends: its characters, and if `own` own parts as one.
  function units(line, own) {
    const out = [];
    let at = 0;
    const characters = (end) => { for (const one of line.slice(at, end)) out.push([one, at += one.length]); };
    for (const found of own ? line.matchAll(OWN_PART) : []) {
      characters(found.index);
      const isName = found.index === 0 && line[found[0].length] === ":";
      out.push([isName ? found[0].toLowerCase() : "own", at = found.index + found[0].length]);
    }
    characters(line.length);
    return out;
  }

  const isOwn = (key) => OWN.includes(key.replace(/^parallel call \d+: | \(\d+\)$/g, ""));
  const compared = (line) => JSON.stringify(units(line, true).map(([unit]) => unit));
  const same = (key, one, other) => isOwn(key) || one === other || compared(one) === compared(other);

  // The parts of `other`, each with whether it differs from `one`: all from the first to the last
  // character that differs; an empty part is where `one` has more.
  function parts(one, other, own) {
    const [ours, theirs] = [units(one, own), units(other, own)];
    const [start, end] = commonEnds(ours.map(([unit]) => unit), theirs.map(([unit]) => unit));
    const place = (count) => (count ? theirs[count - 1][1] : 0);
    const [from, to] = [place(start), place(theirs.length - end)];
    return [[other.slice(0, from), false], [other.slice(from, to), true], [other.slice(to), false]].filter(([part, differs]) => part || differs);
  }

  function marked(one, other, own) {
    if (one === undefined || one === other) return [other];
    return parts(one, other, own).map(([part, differs]) => (differs ? h("mark", part ? {} : { class: "missing", title: "something is missing here" }, part) : part));
  }

  // A table of lines by lanes. columns: for each shown lane its number and [key, value, facts] lines.
  function sideBySide(label, columns, reference_) {
    const keys = [];
    for (const { lines } of columns) {
      let after = -1;
      for (const [key] of lines) {
        const at = keys.indexOf(key);
        if (at >= 0) after = Math.max(after, at);
        else keys.splice(after += 1, 0, key);
      }
    }
    const base = columns.find(({ lane }) => lane === reference_) || columns[0];
    const valueOf = (column, key) => column.lines.find((line) => line[0] === key);
    const rows = keys.map((key) => {
      const cells = columns.map((column) => valueOf(column, key));
      const aside = cells.some((cell) => cell && cell[2]);
      const of = valueOf(base, key);
      const unlike = (cell) => (cell && of ? !same(key, of[1], cell[1]) : cell !== of && !isOwn(key));
      const differs = !aside && cells.some(unlike);
      return h("tr", { "data-differs": differs ? "yes" : null, class: aside ? "aside" : null },
        h("th", { scope: "row" }, key, differs ? h("span", { class: "hidden" }, " (differs)") : null),
        cells.map((cell) => {
          const shown = cell ? cell[1] || "(empty)" : "absent";
          const content = aside || !unlike(cell) ? shown : cell && of && cell[1] ? marked(of[1], shown, true) : h("mark", {}, shown);
          return h("td", { class: cell ? null : "absent" }, content);
        }));
    });
    return scrolled(label, h("table", { class: "compare" },
      h("thead", {}, h("tr", {}, h("td", {}), columns.map(({ lane }) => h("th", { scope: "col" }, laneHead(lanes[lane]),
        columns.length > 1 && lane === base.lane ? h("span", { class: "lane-version" }, " compared with") : null)))),
      h("tbody", {}, rows)));
  }

  function headLines(numbers, startLine) {
    const seen = {};
    return numbers.map((number, place) => {
      const line = text(number);
      if (place === 0) return [startLine, line];
      const name = line.split(":", 1)[0].toLowerCase();
      seen[name] = (seen[name] || 0) + 1;
      return [seen[name] > 1 ? `${name} (${seen[name]})` : name, line];
    });
  }

  function requestLines([head, body, , , how, at]) {
    const order = head.slice(1).map((number) => text(number).split(":", 1)[0]).join(", ");
    return [...headLines(head, "request line"), ["content", text(body)], ["order of fields", order], ["sent over", text(how), true], ["sent after", `${at} ms`, true]];
  }

  function responseLines([, , head, body]) {
    return head.length ? [...headLines(head, "status line"), ["content", text(body)]] : [["status line", "no response"]];
  }

  // -- one case ----------------------------------------------------------------------------------

  function sourceOf(source) {
    const [kind, note, link, when] = source.map(text);
    return [`${kind}: `, standards(note), " ", link ? reference(link) : null, when ? ` (${when})` : null];
  }

  function present(one) {
    return one.trials.map((trial, lane) => ({ trial, lane })).filter(({ trial }) => trial !== null);
  }

  function summaryOf(trial) {
    const turn = trial.turns && trial.turns[trial.turns.length - 1];
    if (trial.problem !== undefined) return text(trial.problem);
    if (trial.reason !== undefined) return text(trial.reason);
    if (!turn) return "no transcript";
    const got = Object.fromEntries(turn[0].map(([name, value]) => [text(name), text(value)]));
    const details = [got.class, got.status, got.code].filter((part) => part && part !== "(not exposed)");
    return `${turn[1].length} request${turn[1].length === 1 ? "" : "s"}; ${got.result || "several results"}${got.length ? ", " + got.length : ""}${details.length ? ": " + details.join(", ") : ""}`;
  }

  function results(one) {
    return h("table", { class: "results" },
      h("thead", {}, h("tr", {}, ["lane", "result", "what the program got", "time"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, one.trials.map((trial, lane) => h("tr", {},
        h("th", { scope: "row" }, laneHead(lanes[lane])),
        h("td", {}, word(trial ? trial.cell : "-")),
        h("td", {}, trial ? summaryOf(trial) : "not run"),
        h("td", { class: "count" }, trial && trial.turns ? `${trial.turns.reduce((sum, turn) => sum + turn[3], 0)} ms` : "")))));
  }

  // The sentence about a source or claim that is the suite's own, where one of these is shown.
  function meaning(name, shown) {
    return shown ? h("p", { class: "source" }, data.meanings[name]) : null;
  }

  const isDerived = (source) => text(source[0]) === "derived";
  const restsOnDerived = (one) => isDerived(one.source) || present(one).some(({ trial }) => trial.findings.some((number) => data.findings[number][6] && isDerived(data.findings[number][6])));
  const observes = (one) => one.asked.flat().some(([name]) => text(name).startsWith("observed: "));

  function findings(one) {
    const groups = grouped(present(one).flatMap(({ trial, lane }) => trial.findings.map((number) => ({ number, lane }))), ({ number }) => number);
    return [...groups].map(([number, of]) => {
      const [rule, claim, where, expected, got, why] = data.findings[number].slice(0, 6).map(text);
      const source = data.findings[number][6];
      return h("article", { class: "failure" },
        h("h3", {}, h("code", {}, rule), " ", h("span", { class: "on" }, `${claim}, on ${of.map(({ lane }) => lanes[lane]).join(", ")}`)),
        definition([
          ["where", where],
          ["expected", h("code", {}, expected)],
          ["got", h("code", {}, commonEnds(expected, got).some(Boolean) ? marked(expected, got) : got)],
          ["why", standards(why)],
          ["source", sourceOf(source || one.source)],
        ], "finding"));
    });
  }

  function known(one) {
    const groups = grouped(present(one).filter(({ trial }) => trial.known), ({ trial }) => JSON.stringify(trial.known));
    return [...groups.values()].map((of) => {
      const [reason, ...entries] = of[0].trial.known;
      return h("article", { class: "failure" },
        h("h3", {}, word(of[0].trial.cell), " ", h("span", { class: "on" }, `on ${of.map(({ lane }) => lanes[lane]).join(", ")}`)),
        h("p", {}, text(reason)),
        entries.map(([versions, link, repro, owner, expires]) => definition([
          ...(text(owner) ? [["owner", text(owner)]] : []),
          ...(text(expires) ? [["until", text(expires)]] : []),
          ["versions", text(versions) === "*" ? "all" : text(versions)],
          ...(text(link) ? [["link", reference(text(link))]] : []),
          ...(text(repro) ? [["shown by", [h("code", {}, text(repro)), " (an example from the known-failing list; to repeat this case, use the command under Repeat)"]]] : []),
        ], "finding")));
    });
  }

  // The requests of a call that findings of the case name, by number from 1: `call 2, requests 1, 3:`.
  function namedRequests(one, call) {
    const named = new Set();
    for (const number of present(one).flatMap(({ trial }) => trial.findings)) {
      const where = text(data.findings[number][2]);
      const [, requests] = where.match(/\brequests? (\d+(?:, \d+)*):/) || [];
      const [, turn] = where.match(/^call (\d+), /) || [, "1"];
      if (requests && Number(turn) === call) requests.split(", ").forEach((request) => named.add(Number(request)));
    }
    return named;
  }

  function signature([sentence, line, theirs, ours, canonical, toSign], lane) {
    const lined = (content, wanted) => content.split("\n").map((one) => [wanted && one === wanted ? h("mark", {}, one) : one, "\n"]);
    return h("article", { class: "failure" },
      h("h3", {}, laneHead(lanes[lane])),
      h("p", {}, text(sentence)),
      text(line) ? definition([
        ["first line that differs", text(line)],
        ["the client signed", h("code", {}, marked(text(ours), text(theirs) || "(no such line)"))],
        ["the service signs", h("code", {}, text(ours) || "(no such line)")],
      ], "finding") : null,
      text(canonical) ? [h("h4", {}, "Canonical request of the service"), h("pre", { tabindex: 0 }, lined(text(canonical), text(ours)))] : null,
      h("h4", {}, "String to sign of the service"), h("pre", { tabindex: 0 }, lined(text(toSign), text(ours))));
  }

  function evidence(one, query) {
    const withTurns = present(one).filter(({ trial }) => trial.turns && trial.turns.length);
    const most = Math.max(0, ...withTurns.map(({ trial }) => trial.turns.length));
    const chosen = lanes.indexOf(query.get("with"));
    const out = [];
    for (let number = 0; number < most; number += 1) {
      const of = withTurns.filter(({ trial }) => trial.turns[number]).map(({ trial, lane }) => ({ lane, turn: trial.turns[number] }));
      const place = most > 1 ? `, call ${number + 1}` : "";
      out.push(h("h2", {}, `Requests${place}`));
      const sent = Math.max(...of.map(({ turn }) => turn[1].length));
      const toProxy = Math.max(...of.map(({ turn }) => turn[4].length));
      if (sent === 0) out.push(h("p", {}, toProxy ? "No request reached the server." : "No request was sent."));
      for (let request = 0; request < toProxy; request += 1) {
        const columns = of.filter(({ turn }) => turn[4][request]);
        const label = `Request ${request + 1} to the proxy${place}`;
        const of_ = (lines) => columns.map(({ lane, turn }) => ({ lane, lines: lines(turn[4][request]) }));
        out.push(h("h3", {}, label), sideBySide(label, of_(requestLines), chosen),
          h("h4", {}, "What the proxy answered"), sideBySide(`Response ${request + 1} of the proxy${place}`, of_(responseLines), chosen));
      }
      const named = namedRequests(one, number + 1);
      const opened = [...named].some((request) => request <= sent) ? named : new Set([1]);
      for (let request = 0; request < sent; request += 1) {
        const columns = of.filter(({ turn }) => turn[1][request]);
        const label = `Request ${request + 1}${place}`;
        const table = sideBySide(label, columns.map(({ lane, turn }) => ({ lane, lines: requestLines(turn[1][request]) })), chosen);
        const responses = h("details", {}, h("summary", {}, "What the mock answered"),
          sideBySide(`Response ${request + 1}${place}`, columns.map(({ lane, turn }) => ({ lane, lines: responseLines(turn[1][request]) })), chosen));
        if (sent === 1) out.push(toProxy ? h("h3", {}, `${label} to the server`) : null, table, responses);
        else out.push(h("details", { open: opened.has(request + 1) }, h("summary", {}, `${label}: ${columns.map(({ lane }) => lanes[lane]).join(", ")}`), table, responses));
      }
      const signatures = of.flatMap(({ lane, turn }) => turn[1].filter((request) => request[6]).slice(0, 1).map((request) => signature(request[6], lane)));
      if (signatures.length) out.push(h("h2", {}, `Signature${place}`), ...signatures);
      const notes = of.filter(({ turn }) => turn[2].length);
      if (notes.length) out.push(h("h3", {}, `Also seen${place}`), h("ul", { class: "plain" }, notes.flatMap(({ lane, turn }) => turn[2].map((note) => h("li", {}, `${lanes[lane]}: ${text(note)}`)))));
      out.push(h("h2", {}, `What the program got${place}`),
        sideBySide(`What the program got${place}`, of.map(({ lane, turn }) => ({ lane, lines: turn[0].map(([name, value]) => [text(name), text(value)]) })), chosen));
    }
    const errors = present(one).filter(({ trial }) => trial.stderr !== undefined);
    if (errors.length) out.push(h("details", {}, h("summary", {}, "Standard error of the runners"), errors.map(({ trial, lane }) => [h("h3", {}, lanes[lane]), h("pre", { tabindex: 0 }, text(trial.stderr))])));
    return out;
  }

  function repeats(one) {
    const failing = present(one).filter(({ trial }) => trial.findings.length || LOUD.includes(trial.cell));
    const line = ({ trial, lane }) => (trial.repeat !== undefined ? text(trial.repeat) : data.lanes[lane].repeat.replace("CASE-ID", one.id));
    const shown = failing.length ? failing : present(one).slice(0, 1);
    const rest = present(one).filter((item) => !shown.includes(item));
    return [h("h2", {}, "Repeat"), h("p", { class: "source" }, "Install the command with ", h("code", {}, "pip install oss-bodies-conformance"), ". A line runs this case alone, on one lane."), shown.map((item) => command(line(item))),
      rest.length ? h("details", {}, h("summary", {}, "On the other lanes"), rest.map((item) => command(line(item)))) : null];
  }

  function neighbours(one, query) {
    const found = selected(query);
    const at = found.indexOf(one);
    const link = (other, label) => (other ? h("a", { href: address(`case/${other.id}`, filtersOf(query)) }, label) : h("span", { class: "off" }, label));
    return h("nav", { class: "neighbours", "aria-label": "Cases" },
      h("a", { href: address("cases", filtersOf(query)) }, "All cases"),
      at >= 0 ? [link(found[at - 1], "Previous"), link(found[at + 1], "Next"), h("span", {}, `${at + 1} of ${found.length}`)] : null);
  }

  function compareWith(one, query) {
    const of = present(one).filter(({ trial }) => trial.turns && trial.turns.length);
    if (of.length < 2) return null;
    const change = (name, value) => {
      const next = new URLSearchParams(query);
      next.set(name, value);
      replaceAddress(address(`case/${one.id}`, next));
      byId(`choose-${name}`)?.focus();
    };
    return h("p", { class: "filters" },
      h("label", {}, "Mark differences from ", h("select", { id: "choose-with", onchange: (event) => change("with", event.target.value) },
        of.map(({ lane }) => h("option", { selected: lanes[lane] === query.get("with") }, lanes[lane])))),
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "choose-only", checked: query.get("only") === "1", onchange: (event) => change("only", event.target.checked ? "1" : "") }), " only lines that differ"));
  }

  function caseView(id, query) {
    const view = byId("case");
    const one = cases.get(id);
    if (!one) {
      view.replaceChildren(h("h1", { id: "case-heading" }, "No such case"), h("p", {}, h("code", {}, id), " is not in this run."), h("p", {}, h("a", { href: "#/cases" }, "All cases")));
      return;
    }
    view.classList.toggle("only-differences", query.get("only") === "1");
    const listed = known(one);
    const found = findings(one);
    view.replaceChildren(...[
      neighbours(one, query),
      h("h1", { id: "case-heading" }, text(one.title)),
      copyable(location.href.split("#")[0] + `#/case/${one.id}`, h("p", { class: "copyable" }, h("code", {}, one.id))),
      h("p", { class: "source" }, sourceOf(one.source)),
      meaning("derived", restsOnDerived(one)),
      one.file === undefined ? null : h("p", {}, "Vector file: ", h("code", {}, text(one.file))),
      one.suspect ? h("p", { class: "notice" }, "Every lane fails it in the same way, so check the case first.") : null,
      scrolled("Results", results(one)),
      one.differ ? h("p", {}, one.alone === undefined ? "The lanes differ." : `Only ${lanes[one.alone]} differs; the other lanes that ran the case agree.`) : null,
      ...(found.length ? [h("h2", {}, "Findings"), ...found] : []),
      ...(listed.length ? [h("h2", {}, "Known failures"), ...listed] : []),
      ...repeats(one).flat(),
      ...(one.asked ? [h("h2", {}, "What was asked"), meaning("observed", observes(one)), one.asked.map((turn, number) => [
        one.asked.length > 1 ? h("h3", {}, `Call ${number + 1}`) : null,
        definition(turn.map(([name, value]) => [text(name), text(value)]), "finding asked")])] : []).flat(3),
      ...(one.notes || []).map((note) => h("p", {}, text(note))),
      compareWith(one, query),
      ...evidence(one, query),
      ...(one.differ ? [h("details", {}, h("summary", {}, "How the lanes differ"), definition(one.differ.map(([got, of]) => [of.map((lane) => lanes[lane]).join(", "), text(got)]), "finding"))] : []),
    ].filter((child) => child !== null));
  }

  // -- the page ----------------------------------------------------------------------------------

  function show(moved) {
    const { view, id, query } = route();
    const sections = [...document.querySelectorAll("main > section")];
    const shown = sections.find((section) => section.id === view) || byId("overview");
    if (shown.id === "cases") matrix(query);
    if (shown.id === "case") caseView(id, query);
    for (const section of sections) section.hidden = section !== shown;
    sayWhatIsWide();
    for (const link of document.querySelectorAll("nav [data-view]")) {
      const current = link.dataset.view === (shown.id === "case" ? "cases" : shown.id);
      if (current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const heading = shown.querySelector("h1");
    document.title = `${shown.id === "case" ? id : heading.textContent} \u00b7 ${data.run}`;
    if (!moved) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    window.scrollTo(0, history.state && history.state.y ? history.state.y : 0);
  }

  // A table that is wider than its frame says so: some systems show no scroll bar until it is used.
  function sayWhatIsWide() {
    for (const frame of document.querySelectorAll("main > section:not([hidden]) .scroll")) {
      frame.toggleAttribute("data-wide", frame.scrollWidth > frame.clientWidth + 1);
    }
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
    byId("theme").setAttribute("aria-label", `Use ${theme === "dark" ? "light" : "dark"} colours`);
  }

  function start() {
    const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
    setTheme(systemDark.matches ? "dark" : "light");
    systemDark.addEventListener("change", () => setTheme(systemDark.matches ? "dark" : "light"));
    byId("theme").hidden = false;
    byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
    for (const lane of lanes) filterForm.elements.lane.append(h("option", {}, lane));
    for (const family of new Set(data.cases.map((one) => one.id.split("/")[0]))) filterForm.elements.family.append(h("option", {}, family));
    for (const element of document.querySelectorAll(".copyable")) copyable(element.querySelector("code, pre, span").textContent, element);
    filterForm.addEventListener("input", (event) => { if (event.target.name === "q") changeFilter(event); });
    filterForm.addEventListener("change", (event) => { if (event.target.name !== "q") changeFilter(event); });
    filterForm.addEventListener("submit", (event) => event.preventDefault());
    filterForm.addEventListener("reset", (event) => {
      event.preventDefault();
      filterForm.elements.q.value = "";
      location.hash = "#/cases";
    });
    byId("only-differing")?.addEventListener("change", (event) => byId("behaviour").classList.toggle("only-differences", event.target.checked));
    document.addEventListener("click", (event) => {
      if (event.target.closest("a[href^='#/']")) history.replaceState({ y: window.scrollY }, "");
    }, true);
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      byId("main").focus();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !/^(input|select|textarea)$/i.test(event.target.tagName) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        if (route().view !== "cases") location.hash = "#/cases";
        setTimeout(() => filterForm.elements.q.focus());
      }
    });
    let opened = [];
    window.addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("main > section:not([hidden]) details:not([open])")];
      for (const details of opened) details.open = true;
    });
    window.addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
    window.addEventListener("popstate", () => show(true));
    window.addEventListener("resize", sayWhatIsWide);
    document.addEventListener("toggle", sayWhatIsWide, true);
    history.scrollRestoration = "manual";
    show(false);
  }

  start();
})();
