using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Tokenizers;

namespace Attune.Data.Tokens;

/// <summary>
/// A corpus tokenized once into a file, which is mapped into memory: of any size, resumed at once, shared by processes.
/// </summary>
public sealed unsafe class TokenCache : ITokenStream, IDisposable
{
    private readonly MappedFile _file;
    private readonly TokenCacheHeader _header;

    private TokenCache(MappedFile file, TokenCacheHeader header) => (_file, _header) = (file, header);

    /// <inheritdoc/>
    public long Count => _header.Tokens;

    /// <inheritdoc/>
    public long SentenceCount => _header.Sentences;

    /// <inheritdoc/>
    public long DocumentCount => _header.Documents;

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Opens the cache of a corpus, making it first where there is none or it was made from other text or another tokenizer.</summary>
    /// <param name="path">The cache file.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="tokenizerFingerprint">Changes whenever the tokenizer's results may change, e.g. the hash of its file.</param>
    /// <param name="progress">Told as a new cache grows.</param>
    /// <exception cref="AttuneFormatException">The text is faulty, or holds nothing.</exception>
    /// <exception cref="AttuneWriteException">The cache cannot be written.</exception>
    public static TokenCache OpenOrBuild(string path, ITextCorpus corpus, ITokenizer tokenizer, string tokenizerFingerprint, IProgress<TokenCacheProgress>? progress = null)
    {
        string key = TokenCacheHeader.KeyOf(corpus.Fingerprint, tokenizerFingerprint);
        if (TryOpen(path, key) is { } existing) return existing;
        TokenCacheBuilder.Build(path, key, corpus, tokenizer, progress);
        return Open(path);
    }

    /// <summary>Opens a cache.</summary>
    /// <exception cref="AttuneFormatException">Missing or damaged.</exception>
    public static TokenCache Open(string path)
    {
        MappedFile file = new(path);
        try
        {
            TokenCache cache = new(file, TokenCacheHeader.Read(file));
            cache.CheckOffsets();
            return cache;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AttuneFormatException">A token that the vocabulary does not have: the file is damaged.</exception>
    public void Read(long start, Span<int> destination)
    {
        if (start < 0 || start > Count - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"Tokens {start} to {start + destination.Length} are not inside of {Count}.");
        byte* from = _file.Pointer + TokenCacheHeader.Length + (start * _header.TokenSize);
        if (_header.TokenSize == sizeof(int)) new ReadOnlySpan<int>(from, destination.Length).CopyTo(destination);
        else
        {
            ReadOnlySpan<ushort> narrow = new(from, destination.Length);
            for (int i = 0; i < narrow.Length; i++) destination[i] = narrow[i];
        }
        GC.KeepAlive(_file);
        foreach (int id in destination)
        {
            if ((uint)id >= (uint)_header.VocabularySize)
                throw TokenCacheHeader.Damaged(Path, $"tokens from {start}", $"token {id}", $"0 to {_header.VocabularySize - 1}");
        }
    }

    /// <inheritdoc/>
    public long SentenceStart(long sentence) => Offset(0, sentence, SentenceCount);

    /// <inheritdoc/>
    public long DocumentStart(long document) => Offset(SentenceCount + 1, document, DocumentCount);

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _file.Dispose();

    private static TokenCache? TryOpen(string path, string key)
    {
        if (!File.Exists(path)) return null;
        try
        {
            TokenCache cache = Open(path);
            if (cache._header.Key == key) return cache;
            cache.Dispose();
        }
        catch (AttuneFormatException)
        {
            // A damaged or foreign cache is only a copy of something that can be made again.
        }
        return null;
    }

    private long Offset(long first, long index, long last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, last);
        long offset = ((long*)(_file.Pointer + _header.OffsetsStart))[first + index];
        GC.KeepAlive(_file);
        return offset;
    }

    private void CheckOffsets()
    {
        Check("sentences", SentenceStart, SentenceCount, Count);
        Check("documents", DocumentStart, DocumentCount, SentenceCount);

        void Check(string what, Func<long, long> start, long count, long end)
        {
            long before = 0;
            for (long i = 0; i <= count; i++)
            {
                long offset = start(i);
                if (offset < before || (i == 0 && offset != 0) || (i == count && offset != end))
                    throw TokenCacheHeader.Damaged(Path, what, $"entry {i} is {offset}", $"0 to {end}, ascending");
                before = offset;
            }
        }
    }
}
