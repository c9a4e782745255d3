using System.Globalization;
using System.Net;
using System.Text;
using Attune.Formats;

namespace Attune.Reports;

/// <summary>A page that needs nothing but itself: text, tables and plots, readable on screen (light or dark) and on paper.</summary>
/// <param name="title">The heading.</param>
public sealed class HtmlReport(string title)
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: light-dark(#1c2430, #e6e9ef); --soft: light-dark(#5b6675, #9aa5b4);
          --line: light-dark(#d8dee6, #38414d); --page: light-dark(#ffffff, #15191f); --mark: light-dark(#f2f5f9, #1e242c); }
        body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 56rem; margin: 2.5rem auto; padding: 0 1.25rem; }
        h1 { font-size: 1.7rem; margin-bottom: .3rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
        table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .35rem .9rem .35rem 0; text-align: left; border-bottom: 1px solid var(--line); }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.2rem; }
        figure { margin: 1.2rem 0; } .plot { overflow-x: auto; } figcaption, .note { color: var(--soft); font-size: .92rem; } svg { width: 100%; min-width: 32rem; height: auto; }
        pre { background: var(--mark); padding: .8rem 1rem; overflow-x: auto; border-radius: .4rem; }
        .axis { stroke: var(--line); } .label { fill: var(--soft); font: 12px system-ui, sans-serif; } .key { fill: var(--ink); font: 13px system-ui, sans-serif; }
        """;

    private readonly StringBuilder _body = new();

    /// <summary>Starts a section.</summary>
    public HtmlReport Section(string heading) => Append($"<h2>{Escape(heading)}</h2>");

    /// <summary>Adds a paragraph.</summary>
    public HtmlReport Paragraph(string text) => Append($"<p>{Escape(text)}</p>");

    /// <summary>Adds a remark in small print.</summary>
    public HtmlReport Note(string text) => Append($"<p class=\"note\">{Escape(text)}</p>");

    /// <summary>Adds text as it is, such as a command.</summary>
    public HtmlReport Preformatted(string text) => Append($"<pre>{Escape(text)}</pre>");

    /// <summary>Adds a table. Cells that look like numbers are set to the right.</summary>
    public HtmlReport Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [.. rows];
        bool[] numeric = [.. header.Select((_, column) => all.Length > 0 && all.All(row => IsNumber(row[column])))];
        _body.Append("<table><thead><tr>");
        for (int column = 0; column < header.Count; column++)
            _body.Append(CultureInfo.InvariantCulture, $"<th{Class(numeric[column])}>{Escape(header[column])}</th>");
        _body.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in all)
        {
            _body.Append("<tr>");
            for (int column = 0; column < header.Count; column++)
                _body.Append(CultureInfo.InvariantCulture, $"<td{Class(numeric[column])}>{Escape(row[column])}</td>");
            _body.Append("</tr>");
        }
        return Append("</tbody></table>");
    }

    /// <summary>Adds a plot with a caption.</summary>
    public HtmlReport Figure(LinePlot plot, string caption) =>
        Append($"<figure><div class=\"plot\">{plot.ToSvg()}</div><figcaption>{Escape(caption)}</figcaption></figure>");

    /// <summary>The whole page.</summary>
    public string ToHtml() =>
        $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escape(title)}</title><style>{Style}</style></head>
        <body><h1>{Escape(title)}</h1>
        {_body}</body></html>

        """;

    /// <summary>Writes the page; it appears whole or not at all.</summary>
    /// <exception cref="AttuneWriteException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.WriteAllText(path, ToHtml());

    private HtmlReport Append(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Class(bool numeric) => numeric ? " class=\"number\"" : "";

    private static bool IsNumber(string text) => text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '–');
}
