using System.Runtime.InteropServices;
using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Tokenizers;

namespace Attune.Data.Tokens;

/// <summary>How far a token cache has grown.</summary>
/// <param name="Documents">Documents so far.</param>
/// <param name="Characters">Characters of text so far.</param>
/// <param name="Tokens">Tokens so far.</param>
public readonly record struct TokenCacheProgress(long Documents, long Characters, long Tokens);

/// <summary>Writes token caches.</summary>
internal static class TokenCacheBuilder
{
    private const int ProgressEvery = 256;

    /// <summary>Tokenizes a corpus into a file. The same text and tokenizer give the same bytes, whatever the number of threads.</summary>
    /// <exception cref="AttuneFormatException">The text is faulty or holds nothing.</exception>
    /// <exception cref="AttuneWriteException">The file cannot be written.</exception>
    public static void Build(string path, string key, ITextCorpus corpus, ITokenizer tokenizer, IProgress<TokenCacheProgress>? progress)
    {
        int tokenSize = tokenizer.VocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);
        AtomicFile.Write(path, stream =>
        {
            stream.Position = TokenCacheHeader.Length;
            List<long> sentences = [0], documents = [0];
            long characters = 0;
            foreach (TokenizedDocument document in DocumentTokenizer.Tokenize(corpus.Documents(), tokenizer))
            {
                characters += document.Characters;
                if (document.Ids.Count == 0) continue;
                WriteTokens(stream, CollectionsMarshal.AsSpan(document.Ids), tokenSize, tokenizer.VocabularySize);
                foreach (int length in document.SentenceLengths) sentences.Add(sentences[^1] + length);
                documents.Add(sentences.Count - 1);
                if (documents.Count % ProgressEvery == 0) Report();
            }
            Report();
            if (sentences[^1] == 0) throw new AttuneFormatException($"{corpus.Name}: the text holds no tokens.");
            TokenCacheHeader header = new(key, tokenSize, tokenizer.VocabularySize, sentences[^1], sentences.Count - 1, documents.Count - 1);
            stream.Position = header.OffsetsStart;
            stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(sentences)));
            stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(documents)));
            stream.Position = 0;
            stream.Write(header.ToBytes());

            void Report() => progress?.Report(new TokenCacheProgress(documents.Count - 1, characters, sentences[^1]));
        });
    }

    private static void WriteTokens(Stream stream, ReadOnlySpan<int> ids, int tokenSize, int vocabularySize)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)vocabularySize)
                throw new InvalidOperationException($"The tokenizer gave the token {id}; its vocabulary has {vocabularySize}.");
        }
        if (tokenSize == sizeof(int))
        {
            stream.Write(MemoryMarshal.AsBytes(ids));
            return;
        }
        Span<ushort> narrow = stackalloc ushort[1024];
        for (int done = 0; done < ids.Length; done += narrow.Length)
        {
            ReadOnlySpan<int> piece = ids.Slice(done, Math.Min(narrow.Length, ids.Length - done));
            for (int i = 0; i < piece.Length; i++) narrow[i] = (ushort)piece[i];
            stream.Write(MemoryMarshal.AsBytes(narrow[..piece.Length]));
        }
    }
}
