namespace Attune.Tokenizers;

/// <summary>Turns text into token ids and back.</summary>
/// <remarks>
/// Implementations are safe for concurrent use: any number of threads may encode and decode with one instance at once.
/// Offsets count Unicode code points of the original text, as the published tokenizers do.
/// </remarks>
public interface ITokenizer
{
    /// <summary>The number of tokens that have an id, added tokens included.</summary>
    int VocabularySize { get; }

    /// <summary>The ids of the tokens that models give a meaning of its own.</summary>
    SpecialTokens Special { get; }

    /// <summary>Encodes a text, or a pair of texts, with everything known about each token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text of a pair; none where null.</param>
    /// <param name="options">Special tokens, truncation and padding; special tokens and nothing else where null.</param>
    /// <exception cref="TokenizationException">The request cannot be met, e.g. the sequence to truncate is too short.</exception>
    Encoding Encode(string text, string? pair = null, EncodeOptions? options = null);

    /// <summary>Encodes text that is already split into words; each word is tokenized by itself.</summary>
    /// <param name="words">The words; word ids count them and offsets count within each.</param>
    /// <param name="pairWords">The words of the second sequence of a pair; none where null.</param>
    /// <param name="options">Special tokens, truncation and padding; special tokens and nothing else where null.</param>
    /// <exception cref="TokenizationException">The request cannot be met, e.g. the sequence to truncate is too short.</exception>
    Encoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pairWords = null, EncodeOptions? options = null);

    /// <summary>The fast path: the ids that <see cref="Encode"/> gives, and nothing else.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Gets the ids appended.</param>
    /// <param name="addSpecialTokens">Whether the tokens that mark the text's ends are added.</param>
    /// <returns>How many ids were appended.</returns>
    int EncodeIds(ReadOnlySpan<char> text, List<int> destination, bool addSpecialTokens = true);

    /// <summary>Gives the text that ids stand for. Ids outside the vocabulary are passed over.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens leave no trace.</param>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true);

    /// <summary>The id of a token, or null if the vocabulary does not have it.</summary>
    int? TokenToId(string token);

    /// <summary>The token with an id, or null if the vocabulary does not have it.</summary>
    string? IdToToken(int id);

    /// <summary>Whether an id belongs to an added token marked as special.</summary>
    bool IsSpecial(int id);
}
