using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Attune.Formats;

namespace Attune.Analysis;

/// <summary>
/// Attention maps as a page that needs nothing but itself: every layer and head as a small map, any of them large with its tokens, the value under
/// the pointer.
/// </summary>
/// <param name="title">The heading.</param>
/// <param name="groups">What is shown.</param>
public sealed class AttentionPage(string title, IReadOnlyList<AttentionGroup> groups)
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: light-dark(#1c2430, #e6e9ef); --soft: light-dark(#5b6675, #9aa5b4);
          --line: light-dark(#d8dee6, #38414d); --page: light-dark(#ffffff, #15191f); }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto; padding: 0 1.25rem; max-width: 76rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; } .note { color: var(--soft); font-size: .92rem; }
        .view { display: grid; grid-template-columns: minmax(18rem, 1fr) minmax(22rem, 1.2fr); gap: 1.5rem; align-items: start; }
        .grid { display: grid; gap: .25rem; } .grid span { color: var(--soft); font-size: .75rem; text-align: center; align-self: center; }
        canvas { image-rendering: pixelated; width: 100%; aspect-ratio: 1; border: 1px solid var(--line); display: block; }
        .grid canvas { cursor: pointer; } .grid canvas.chosen { outline: 2px solid #d9822b; outline-offset: 1px; }
        .large { display: grid; grid-template-columns: auto 1fr; } .large canvas { aspect-ratio: auto; }
        .rows, .columns { font-size: .72rem; color: var(--soft); display: grid; } .rows span { text-align: right; padding-right: .35rem; align-self: center; white-space: nowrap; }
        .columns { grid-column: 2; } .columns span { writing-mode: vertical-rl; justify-self: center; white-space: nowrap; padding-top: .3rem; }
        @media (max-width: 52rem) { .view { grid-template-columns: 1fr; } }
        .hot { color: var(--ink); font-weight: 600; } output { display: block; min-height: 1.6em; font-variant-numeric: tabular-nums; }
        """;

    private const string Script = """
        const dark = matchMedia('(prefers-color-scheme: dark)');
        function shade(v) { const t = Math.sqrt(v); return dark.matches
          ? [21 + t * 234, 25 + t * 165, 31 + t * 60] : [255 - t * 235, 255 - t * 175, 255 - t * 95]; }
        function paint(canvas, map, rows, columns) {
          canvas.width = columns; canvas.height = rows;
          const context = canvas.getContext('2d'), image = context.createImageData(columns, rows);
          for (let i = 0; i < rows * columns; i++) { const [r, g, b] = shade(map[i] / 65535); image.data.set([r, g, b, 255], 4 * i); }
          context.putImageData(image, 0, 0);
        }
        for (const section of document.querySelectorAll('section')) {
          const group = JSON.parse(section.querySelector('script').textContent), rows = group.queries.length, columns = group.keys.length;
          const bytes = Uint8Array.from(atob(group.values), c => c.charCodeAt(0)), values = new Uint16Array(bytes.buffer);
          const large = section.querySelector('.large canvas'), out = section.querySelector('output');
          const left = section.querySelector('.rows'), below = section.querySelector('.columns'), name = section.querySelector('h3');
          const label = (parent, text) => parent.appendChild(Object.assign(document.createElement('span'), { textContent: text }));
          left.style.gridTemplateRows = `repeat(${rows}, 1fr)`; below.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
          large.style.height = `${Math.max(18 * rows, 60)}px`;
          const rowNames = group.queries.map(t => label(left, t)), columnNames = group.keys.map(t => label(below, t));
          let map = null, place = 'layer';
          const grid = section.querySelector('.grid'), most = Math.max(...group.heads);
          grid.style.gridTemplateColumns = `auto repeat(${most}, 1fr)`;
          label(grid, ''); for (let h = 0; h < most; h++) label(grid, h);
          let at = 0;
          group.heads.forEach((heads, layer) => {
            label(grid, layer);
            for (let head = 0; head < most; head++) {
              if (head >= heads) { label(grid, ''); continue; }
              const own = values.subarray(at, at += rows * columns), small = grid.appendChild(document.createElement('canvas'));
              small.title = `layer ${layer}, head ${head}`;
              paint(small, own, rows, columns);
              small.onclick = () => {
                grid.querySelector('.chosen')?.classList.remove('chosen'); small.classList.add('chosen');
                map = own; name.textContent = small.title; out.textContent = 'Move over the map.'; paint(large, own, rows, columns);
              };
              small.tabIndex = 0;
              small.onkeydown = event => { if (event.key === 'Enter') small.onclick(); };
              if (layer == 0 && head == 0) small.onclick();
            }
          });
          large.onmousemove = event => {
            const box = large.getBoundingClientRect();
            const q = Math.min(rows - 1, Math.floor((event.clientY - box.top) / box.height * rows)), k = Math.min(columns - 1, Math.floor((event.clientX - box.left) / box.width * columns));
            if (q < 0 || k < 0) return;
            section.querySelectorAll('.hot').forEach(e => e.classList.remove('hot'));
            rowNames[q].classList.add('hot'); columnNames[k].classList.add('hot');
            out.textContent = `${group.queries[q]} (${q}) → ${group.keys[k]} (${k}): ${(map[q * columns + k] / 65535).toFixed(4)}`;
          };
        }
        """;

    /// <summary>The whole page.</summary>
    public string ToHtml()
    {
        var body = new StringBuilder();
        foreach (AttentionGroup group in groups)
        {
            body.Append("<section><h2>").Append(WebUtility.HtmlEncode(group.Name)).Append("</h2><div class=\"view\"><div class=\"grid\"></div>")
                .Append("<div><h3></h3><output></output><div class=\"large\"><div class=\"rows\"></div><canvas></canvas><div class=\"columns\"></div></div></div></div>")
                .Append("<script type=\"application/json\">").Append(Data(group)).Append("</script></section>\n");
        }
        string heading = WebUtility.HtmlEncode(title);
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{heading}</title><style>{Style}</style></head>
            <body><h1>{heading}</h1>
            <p class="note">Rows look at columns. A line of small maps is a layer, a column a head; choose one to see it large. Darker is more (in a dark theme: lighter).</p>
            {body}<script>{Script}</script></body></html>

            """;
    }

    /// <summary>Writes the page; it appears whole or not at all.</summary>
    /// <exception cref="AttuneWriteException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.WriteAllText(path, ToHtml());

    // The writer escapes everything that could end the element.
    private static string Data(AttentionGroup group)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write("queries", group.Queries);
            Write("keys", group.Keys);
            json.WriteStartArray("heads");
            foreach (Tensors.Tensor layer in group.Layers)
                json.WriteNumberValue(layer.Shape[0]);
            json.WriteEndArray();
            json.WriteString("values", Convert.ToBase64String(Values(group)));
            json.WriteEndObject();

            void Write(string name, IReadOnlyList<string> tokens)
            {
                json.WriteStartArray(name);
                foreach (string token in tokens)
                    json.WriteStringValue(token);
                json.WriteEndArray();
            }
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    // 16 bits a value: a page of a large model stays small enough to be sent.
    private static byte[] Values(AttentionGroup group)
    {
        byte[] bytes = new byte[checked((int)group.Layers.Sum(layer => layer.Count) * sizeof(ushort))];
        int at = 0;
        foreach (Tensors.Tensor layer in group.Layers)
        {
            foreach (float value in layer.Span)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)Math.Round(Math.Clamp(value, 0f, 1f) * ushort.MaxValue));
                at += sizeof(ushort);
            }
        }
        return bytes;
    }
}
