namespace Attune.Data.Corpora;

/// <summary>Text to train on, as a stream of documents that can be read again and again in the same order.</summary>
/// <remarks>Several enumerations at once are allowed. Memory is bounded by the largest document.</remarks>
public interface ITextCorpus
{
    /// <summary>What the corpus is, for people.</summary>
    string Name { get; }

    /// <summary>Changes whenever the documents change: token caches made from other text are recognised by it.</summary>
    string Fingerprint { get; }

    /// <summary>Reads the documents one after another.</summary>
    /// <exception cref="Formats.AttuneFormatException">A file is missing or faulty; names file and line.</exception>
    IEnumerable<TextDocument> Documents();
}
