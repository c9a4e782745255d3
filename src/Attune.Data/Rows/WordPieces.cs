using Attune.Tokenizers;

namespace Attune.Data.Rows;

/// <summary>
/// Which tokens go on with the word before them, as their spelling tells: <c>##</c> in front of them (WordPiece), or no mark of a space in front of
/// them (byte-level BPE, SentencePiece).
/// </summary>
/// <remarks>Immutable and safe to use from many threads.</remarks>
public sealed class WordPieces
{
    private const string Continuation = "##";

    // How byte-level BPE and SentencePiece write a space in front of a token.
    private static readonly string[] Spaces = ["Ġ", "▁"];

    private readonly bool[] _continues;

    private WordPieces(bool[] continues) => _continues = continues;

    /// <summary>Looks at a tokenizer's vocabulary.</summary>
    /// <returns>Null if its tokens do not show where words begin.</returns>
    public static WordPieces? Of(ITokenizer tokenizer)
    {
        string[] tokens = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.IdToToken(id) ?? "")];
        if (Array.Exists(tokens, token => token.StartsWith(Continuation, StringComparison.Ordinal)))
            return new WordPieces(Array.ConvertAll(tokens, token => token.StartsWith(Continuation, StringComparison.Ordinal)));
        foreach (string space in Spaces)
        {
            // The mark alone, as a character of the alphabet, says nothing.
            if (Array.Exists(tokens, token => token.Length > 1 && token.StartsWith(space, StringComparison.Ordinal)))
                return new WordPieces(Array.ConvertAll(tokens, token => !token.StartsWith(space, StringComparison.Ordinal)));
        }
        return null;
    }

    /// <summary>Whether a token goes on with a word.</summary>
    public bool Continues(int id) => (uint)id < (uint)_continues.Length && _continues[id];
}
