using System.Buffers;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.AddedTokens;

/// <summary>Finds added tokens in texts: leftmost first, of several that begin together the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly AddedToken[] _tokens;
    private readonly TokenTrie _trie = new();
    private readonly SearchValues<char> _firstChars;

    /// <summary>Makes a finder.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="spell">What each looks like in the texts searched; tokens without any spelling are never found.</param>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens, Func<AddedToken, string> spell)
    {
        _tokens = [.. tokens];
        var firsts = new HashSet<char>();
        // The first of two that look alike counts.
        for (var i = _tokens.Length - 1; i >= 0; i--)
        {
            var spelling = spell(_tokens[i]);
            if (spelling.Length == 0) continue;
            _trie.Add(spelling, i);
            firsts.Add(spelling[0]);
        }

        _firstChars = SearchValues.Create([.. firsts]);
        IsEmpty = firsts.Count == 0;
    }

    /// <summary>Whether there is nothing to find.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether a text holds a character that some token begins with.</summary>
    public bool MayFind(ReadOnlySpan<char> text) => text.ContainsAny(_firstChars);

    /// <summary>Goes to the next token in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where the search goes on; moves behind the token found.</param>
    /// <param name="covered">The end of the token found before; one that stands in the white space which that took is found all the same.</param>
    /// <param name="found">The token.</param>
    /// <param name="start">Where it begins, white space that it takes included.</param>
    /// <param name="end">Where it ends, white space that it takes included.</param>
    public bool FindNext(ReadOnlySpan<char> text, ref int position, int covered, out AddedToken found, out int start, out int end)
    {
        while (position < text.Length)
        {
            var ahead = text[position..].IndexOfAny(_firstChars);
            if (ahead < 0) break;
            start = position + ahead;
            var (index, length) = LongestAt(text[start..]);
            if (index < 0)
            {
                position = start + 1;
                continue;
            }

            end = position = start + length;
            found = _tokens[index];
            if (found.SingleWord && (EndsInWord(text[..start]) || BeginsWithWord(text[end..]))) continue;
            if (found.LeftStrip)
            {
                while (start > covered && CharacterClasses.IsWhiteSpace(text[start - 1])) start--;
                start = Math.Max(start, covered);
                if (start >= end) continue;
            }

            if (found.RightStrip)
            {
                while (end < text.Length && CharacterClasses.IsWhiteSpace(text[end])) end++;
            }

            return true;
        }

        (found, start, end) = (null!, 0, 0);
        return false;
    }

    private (int Index, int Length) LongestAt(ReadOnlySpan<char> text)
    {
        var best = (Index: -1, Length: 0);
        var node = 0;
        for (var i = 0; i < text.Length; i++)
        {
            node = _trie.Next(node, text[i]);
            if (node == 0) break;
            if (_trie.ValueOf(node) is >= 0 and var index) best = (index, i + 1);
        }

        return best;
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        System.Text.Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.IsWord(rune.Value);

    private static bool BeginsWithWord(ReadOnlySpan<char> text) =>
        System.Text.Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.IsWord(rune.Value);
}
