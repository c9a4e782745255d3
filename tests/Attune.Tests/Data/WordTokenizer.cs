using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Data;

/// <summary>A tokenizer for tests of the data room: the words w0, w1, w2, ... have the ids 0, 1, 2, ...; other text has no tokens.</summary>
internal sealed class WordTokenizer(int vocabularySize = 1000) : ITokenizer
{
    public int VocabularySize => vocabularySize;

    public SpecialTokens Special => throw new NotSupportedException();

    public int EncodeIds(ReadOnlySpan<char> text, List<int> destination, bool addSpecialTokens = true)
    {
        Assert.False(addSpecialTokens);
        int before = destination.Count;
        foreach (string word in text.ToString().Split(' ', '\n'))
        {
            if (word.StartsWith('w')) destination.Add(int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture));
        }
        return destination.Count - before;
    }

    public Encoding Encode(string text, string? pair = null, EncodeOptions? options = null) => throw new NotSupportedException();

    public Encoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pairWords = null, EncodeOptions? options = null) => throw new NotSupportedException();

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true) => throw new NotSupportedException();

    public int? TokenToId(string token) => null;

    public string? IdToToken(int id) => null;

    public bool IsSpecial(int id) => false;
}
