namespace Attune.Data.Tokens;

/// <summary>The token ids of a corpus, documents and sentences one after another without special tokens.</summary>
/// <remarks>Safe to read from several threads.</remarks>
public interface ITokenStream
{
    /// <summary>The number of tokens.</summary>
    long Count { get; }

    /// <summary>The number of sentences.</summary>
    long SentenceCount { get; }

    /// <summary>The number of documents.</summary>
    long DocumentCount { get; }

    /// <summary>Copies tokens.</summary>
    /// <param name="start">The first token.</param>
    /// <param name="destination">Gets as many as it has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">Beyond the stream's end.</exception>
    void Read(long start, Span<int> destination);

    /// <summary>The first token of a sentence; for <see cref="SentenceCount"/> itself, one past the last token.</summary>
    long SentenceStart(long sentence);

    /// <summary>The first sentence of a document; for <see cref="DocumentCount"/> itself, one past the last sentence.</summary>
    long DocumentStart(long document);
}
