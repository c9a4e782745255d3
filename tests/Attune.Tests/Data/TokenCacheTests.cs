using Attune.Data.Corpora;
using Attune.Data.Tokens;
using Attune.Formats;
using Attune.Tests.Formats;
using Xunit;

namespace Attune.Tests.Data;

public sealed class TokenCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static MemoryCorpus Corpus(int documents = 3) => new("test", [.. Enumerable.Range(0, documents).Select(d => new TextDocument($"{d}", [$"w{d % 100} w1", "nothing", $"w2 w3 w{d % 7}"]))]);

    private sealed class Reports : IProgress<TokenCacheProgress>
    {
        public List<TokenCacheProgress> All { get; } = [];

        public void Report(TokenCacheProgress value) => All.Add(value);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void HoldsTheTokensOfTheCorpus(int vocabularySize)
    {
        WordTokenizer tokenizer = new(vocabularySize);
        using TokenCache cache = TokenCache.OpenOrBuild(_folder.File("cache"), Corpus(), tokenizer, "a");
        MemoryTokenStream memory = MemoryTokenStream.From(Corpus().Documents(), tokenizer);
        Assert.Equal(15, cache.Count);
        Assert.Equal(6, cache.SentenceCount);
        Assert.Equal(3, cache.DocumentCount);
        int[] ids = new int[15], expected = new int[15];
        cache.Read(0, ids);
        memory.Read(0, expected);
        Assert.Equal(expected, ids);
        Assert.Equal([0, 2, 5, 7, 10, 12, 15], Enumerable.Range(0, 7).Select(i => cache.SentenceStart(i)));
        Assert.Equal([0, 2, 4, 6], Enumerable.Range(0, 4).Select(i => cache.DocumentStart(i)));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Read(14, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.SentenceStart(7));
    }

    [Fact]
    public void IsMadeOnceAndAgainWhenTextOrTokenizerChange()
    {
        string path = _folder.File("cache");
        Reports reports = new();
        void Open(MemoryCorpus corpus, string tokenizer) => TokenCache.OpenOrBuild(path, corpus, new WordTokenizer(), tokenizer, reports).Dispose();
        Open(Corpus(), "a");
        Assert.Equal(new TokenCacheProgress(3, 60, 15), Assert.Single(reports.All));
        Open(Corpus(), "a");
        Assert.Single(reports.All);
        Open(Corpus(), "b");
        Assert.Equal(2, reports.All.Count);
        Open(Corpus(4), "b");
        Assert.Equal(3, reports.All.Count);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Open(Corpus(4), "b");
        Assert.Equal(4, reports.All.Count);
    }

    [Fact]
    public void TheSameTextGivesTheSameBytes()
    {
        string first = _folder.File("first"), second = _folder.File("second");
        TokenCache.OpenOrBuild(first, Corpus(5000), new WordTokenizer(), "a").Dispose();
        TokenCache.OpenOrBuild(second, Corpus(5000), new WordTokenizer(), "a").Dispose();
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
    }

    [Fact]
    public void EmptyTextIsNamed()
    {
        MemoryCorpus nothing = new("my text", [new TextDocument("1", ["nothing"])]);
        Assert.Contains("my text", Assert.Throws<AttuneFormatException>(() => TokenCache.OpenOrBuild(_folder.File("cache"), nothing, new WordTokenizer(), "a")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-20)]
    public void DamageIsFound(int at)
    {
        string path = _folder.File("cache");
        TokenCache.OpenOrBuild(path, Corpus(), new WordTokenizer(), "a").Dispose();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x40;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(path, Assert.Throws<AttuneFormatException>(() => TokenCache.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATokenBeyondTheVocabularyIsFound()
    {
        string path = _folder.File("cache");
        TokenCache.OpenOrBuild(path, Corpus(), new WordTokenizer(), "a").Dispose();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[129] = 0xFF;
        File.WriteAllBytes(path, bytes);
        using TokenCache cache = TokenCache.Open(path);
        Assert.Throws<AttuneFormatException>(() => cache.Read(0, new int[3]));
    }
}
