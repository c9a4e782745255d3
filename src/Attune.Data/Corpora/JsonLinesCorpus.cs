using Attune.Formats;

namespace Attune.Data.Corpora;

/// <summary>JSONL files: a document a line, its text in one field.</summary>
public sealed class JsonLinesCorpus : ITextCorpus
{
    private readonly IReadOnlyList<string> _paths;
    private readonly string _field;

    /// <summary>Describes the corpus; nothing is read yet.</summary>
    /// <param name="paths">The files, in order.</param>
    /// <param name="field">The field that holds the text.</param>
    /// <exception cref="AttuneFormatException">A file is missing.</exception>
    public JsonLinesCorpus(IReadOnlyList<string> paths, string field = "text")
    {
        (_paths, _field) = (paths, field);
        Name = paths.Count == 1 ? paths[0] : $"{paths.Count} JSONL files";
        Fingerprint = CorpusFingerprint.Of([$"jsonl|{field}", .. CorpusFingerprint.Files(paths)]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IEnumerable<TextDocument> Documents() => _paths.SelectMany(JsonLines.Read)
        .Select(row => new TextDocument(row.Path, DocumentText.Sentences(row.String(_field))))
        .Where(document => document.Sentences.Count > 0);
}
