using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data.Corpora;
using Attune.Formats;

namespace Attune.Data.Labelled;

/// <summary>Reads labelled data sets: CSV, TSV and JSONL by column, and TREC's layout (<c>LABEL text</c>).</summary>
public static class LabelledFile
{
    private const string TrecExtension = ".label";

    private readonly record struct RawRow(string Text, string? Pair, string? Label, string Origin);

    /// <summary>Reads whatever a path holds: a folder with a folder for each class, TREC's layout (<c>.label</c>), or a table or JSONL file.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="columns">Where text and label stand in a table or JSONL file; <c>text</c> and <c>label</c> where null.</param>
    /// <param name="labels">The classes, e.g. those of the training set; collected where null.</param>
    /// <param name="format">The table's format; by extension where null.</param>
    /// <exception cref="AttuneFormatException">Nothing there, or a faulty row; names file and line.</exception>
    public static LabelledSet Open(string path, LabelledColumns? columns = null, LabelSet? labels = null, TableFormat? format = null)
    {
        if (Directory.Exists(path)) return ReadFolders(path, labels);
        return DataFile.Extension(path) == TrecExtension
            ? ReadTrec(path, labels: labels)
            : Read(path, columns ?? new LabelledColumns("text", "label"), labels, format);
    }

    /// <summary>Reads a folder that has a folder for each class, with a text in each file (as IMDb comes).</summary>
    /// <param name="path">The folder.</param>
    /// <param name="labels">The classes, e.g. those of the training set; the names of the folders where null.</param>
    /// <exception cref="AttuneFormatException">No such folders or files, or one that is not among <paramref name="labels"/>.</exception>
    public static LabelledSet ReadFolders(string path, LabelSet? labels = null)
    {
        string[] folders = [.. Directory.GetDirectories(path).Order(StringComparer.Ordinal)];
        if (folders.Length == 0)
            throw new AttuneFormatException(path, "folder", "no folders in it", "a folder for each class, with a text in each file");
        return Classify(path, folders.SelectMany(FolderRows), labels);
    }

    /// <summary>Reads a table or JSONL file for classification.</summary>
    /// <param name="path">The file (plain or gzip); <c>.jsonl</c> is JSONL, anything else a table.</param>
    /// <param name="columns">Where text and label stand.</param>
    /// <param name="labels">The classes, e.g. those of the training set; collected from the file where null.</param>
    /// <param name="format">The table's format; by extension where null.</param>
    /// <exception cref="AttuneFormatException">A missing column, an empty label, or one that is not among <paramref name="labels"/>; names file and line.</exception>
    public static LabelledSet Read(string path, LabelledColumns columns, LabelSet? labels = null, TableFormat? format = null) =>
        Classify(path, Rows(path, columns, format), labels);

    /// <summary>Reads a table or JSONL file for regression: the label is a number.</summary>
    /// <inheritdoc cref="Read"/>
    public static LabelledSet ReadValues(string path, LabelledColumns columns, TableFormat? format = null)
    {
        List<LabelledText> rows = [];
        foreach (RawRow row in Rows(path, columns, format))
        {
            if (!float.TryParse(row.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
                throw new AttuneFormatException(row.Origin, "label", $"'{row.Label}'", "a finite number");
            rows.Add(new LabelledText(row.Text, row.Pair, -1, value, row.Origin));
        }
        return NotEmpty(path, new LabelledSet(rows, new LabelSet()));
    }

    /// <summary>The columns of a table, or the keys of a JSONL file's first line; null if a table has no names for them.</summary>
    /// <param name="path">The file (plain or gzip).</param>
    /// <param name="format">The table's format; by extension where null.</param>
    /// <exception cref="AttuneFormatException">There is no such file, or its first line is faulty.</exception>
    public static IReadOnlyList<string>? ColumnsOf(string path, TableFormat? format = null)
    {
        if (DataFile.Extension(path) == ".jsonl")
            return [.. JsonLines.Read(path).FirstOrDefault()?.Keys ?? []];
        format ??= TableFormat.For(path);
        // Read as if it had no header, the first row is the header.
        return format.Header && new TableFile(path, format with { Header = false }).Rows().FirstOrDefault() is { } names ? names.Fields : null;
    }

    /// <summary>Reads TREC's layout: a label, a blank, the text; a label <c>COARSE:fine</c> can be cut at its colon.</summary>
    /// <param name="path">The file (plain or gzip).</param>
    /// <param name="coarse">Whether only what stands before the colon counts.</param>
    /// <param name="labels">The classes, e.g. those of the training set; collected from the file where null.</param>
    /// <exception cref="AttuneFormatException">A line without label or text, or a label that is not among <paramref name="labels"/>; names file and line.</exception>
    public static LabelledSet ReadTrec(string path, bool coarse = true, LabelSet? labels = null) => Classify(path, TrecRows(path, coarse), labels);

    private static LabelledSet Classify(string path, IEnumerable<RawRow> source, LabelSet? labels)
    {
        RawRow[] raw = [.. source];
        foreach (RawRow row in raw)
        {
            if (row.Label is { Length: 0 }) throw new AttuneFormatException(row.Origin, "label", "nothing", "the name or number of a class");
        }
        LabelSet set = labels ?? LabelSet.Collect(raw.Select(row => row.Label).OfType<string>());
        return NotEmpty(path, new LabelledSet([.. raw.Select(row => new LabelledText(row.Text, row.Pair, IdOf(row, set), 0, row.Origin))], set));
    }

    private static int IdOf(RawRow row, LabelSet labels)
    {
        if (row.Label is null) return -1;
        return labels.TryFind(row.Label, out int id)
            ? id
            : throw new AttuneFormatException(row.Origin, "label", $"'{row.Label}'", $"one of the {labels.Count} classes: {labels}", "Correct the label, or list it among the classes.");
    }

    private static LabelledSet NotEmpty(string path, LabelledSet set) =>
        set.Rows.Count > 0 ? set : throw new AttuneFormatException("the file holds no rows.", path);

    private static IEnumerable<RawRow> Rows(string path, LabelledColumns columns, TableFormat? format) =>
        DataFile.Extension(path) == ".jsonl" ? JsonRows(path, columns) : TableRows(path, columns, format);

    private static IEnumerable<RawRow> TableRows(string path, LabelledColumns columns, TableFormat? format)
    {
        foreach (TableRow row in new TableFile(path, format).Rows())
        {
            yield return new RawRow(
                row[columns.Text],
                columns.Pair is null ? null : row[columns.Pair],
                columns.Label is null ? null : row[columns.Label],
                FormattableString.Invariant($"{path}, line {row.Line}"));
        }
    }

    private static IEnumerable<RawRow> JsonRows(string path, LabelledColumns columns)
    {
        foreach (JsonFields row in JsonLines.Read(path))
        {
            yield return new RawRow(
                row.String(columns.Text),
                columns.Pair is null ? null : row.String(columns.Pair),
                columns.Label is null ? null : LabelText(row, columns.Label),
                row.Path);
        }
    }

    // A class may be a name or a number.
    private static string LabelText(JsonFields row, string field) => row.Raw(field) is JsonValue value
        ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString()
        : throw row.Error(field, "a name or a number");

    private static IEnumerable<RawRow> FolderRows(string folder) => Directory.GetFiles(folder).Order(StringComparer.Ordinal)
        .SelectMany(file => new PlainTextCorpus([file], TextLayout.WholeFile).Documents())
        .Select(document => new RawRow(document.Sentences[0].Trim(), null, Path.GetFileName(folder), document.Origin));

    private static IEnumerable<RawRow> TrecRows(string path, bool coarse)
    {
        foreach (TextLine line in TextLines.Read(path))
        {
            if (string.IsNullOrWhiteSpace(line.Text)) continue;
            string origin = FormattableString.Invariant($"{path}, line {line.Number}");
            int blank = line.Text.IndexOf(' ', StringComparison.Ordinal);
            if (blank <= 0 || blank == line.Text.Length - 1)
                throw new AttuneFormatException(origin, "line", $"'{line.Text}'", "a label, a blank and the text");
            string label = line.Text[..blank];
            if (coarse) label = label.Split(':', 2)[0];
            yield return new RawRow(line.Text[(blank + 1)..], null, label, origin);
        }
    }
}
