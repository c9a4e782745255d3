using Attune.Data.Corpora;
using Attune.Tokenizers;

namespace Attune.Data.Tokens;

/// <summary>A token stream in memory, for small corpora.</summary>
public sealed class MemoryTokenStream : ITokenStream
{
    private readonly int[] _ids;
    private readonly long[] _sentences, _documents;

    /// <summary>Wraps tokens.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="sentenceStarts">The first token of each sentence, and the number of tokens.</param>
    /// <param name="documentStarts">The first sentence of each document, and the number of sentences.</param>
    public MemoryTokenStream(int[] ids, long[] sentenceStarts, long[] documentStarts) =>
        (_ids, _sentences, _documents) = (ids, sentenceStarts, documentStarts);

    /// <inheritdoc/>
    public long Count => _ids.Length;

    /// <inheritdoc/>
    public long SentenceCount => _sentences.Length - 1;

    /// <inheritdoc/>
    public long DocumentCount => _documents.Length - 1;

    /// <summary>Tokenizes a corpus.</summary>
    public static MemoryTokenStream From(IEnumerable<TextDocument> documents, ITokenizer tokenizer)
    {
        List<int> ids = [];
        List<long> sentences = [0], starts = [0];
        foreach (TokenizedDocument document in DocumentTokenizer.Tokenize(documents, tokenizer))
        {
            if (document.Ids.Count == 0) continue;
            foreach (int length in document.SentenceLengths) sentences.Add(sentences[^1] + length);
            ids.AddRange(document.Ids);
            starts.Add(sentences.Count - 1);
        }
        return new MemoryTokenStream([.. ids], [.. sentences], [.. starts]);
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> destination) => _ids.AsSpan(checked((int)start), destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public long SentenceStart(long sentence) => _sentences[sentence];

    /// <inheritdoc/>
    public long DocumentStart(long document) => _documents[document];
}
