namespace Attune.Data.Corpora;

/// <summary>A corpus whose documents are in memory.</summary>
public sealed class MemoryCorpus : ITextCorpus
{
    private readonly IReadOnlyList<TextDocument> _documents;

    /// <summary>Wraps documents.</summary>
    /// <param name="name">What they are.</param>
    /// <param name="documents">The documents; not copied.</param>
    public MemoryCorpus(string name, IReadOnlyList<TextDocument> documents)
    {
        Name = name;
        _documents = documents;
        Fingerprint = CorpusFingerprint.Of(documents.SelectMany(document => document.Sentences.Append("")));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IEnumerable<TextDocument> Documents() => _documents;
}
