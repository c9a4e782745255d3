using Attune.Formats;

namespace Attune.Data.Corpora;

/// <summary>CSV or TSV files: a document a row, its text in one column.</summary>
public sealed class TableCorpus : ITextCorpus
{
    private readonly IReadOnlyList<string> _paths;
    private readonly string _column;
    private readonly TableFormat? _format;

    /// <summary>Describes the corpus; nothing is read yet.</summary>
    /// <param name="paths">The files, in order.</param>
    /// <param name="column">The column that holds the text, by name or number.</param>
    /// <param name="format">Delimiter, header and quoting; by extension where null.</param>
    /// <exception cref="AttuneFormatException">A file is missing.</exception>
    public TableCorpus(IReadOnlyList<string> paths, string column = "text", TableFormat? format = null)
    {
        (_paths, _column, _format) = (paths, column, format);
        Name = paths.Count == 1 ? paths[0] : $"{paths.Count} tables";
        Fingerprint = CorpusFingerprint.Of([$"table|{column}|{format}", .. CorpusFingerprint.Files(paths)]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IEnumerable<TextDocument> Documents() => _paths.SelectMany(path => new TableFile(path, _format).Rows()
            .Select(row => new TextDocument($"{path}, line {row.Line}", DocumentText.Sentences(row[_column]))))
        .Where(document => document.Sentences.Count > 0);
}
