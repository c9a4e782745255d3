using Attune.Nn.Contracts;

namespace Attune.Data.Rows;

/// <summary>The special tokens around and inside of rows of running text.</summary>
/// <param name="Begin">Put first, e.g. [CLS]; nothing where null.</param>
/// <param name="End">Put last, e.g. [SEP]; nothing where null.</param>
/// <param name="Between">Put between documents within a row; nothing where null.</param>
public sealed record RowFrame(int? Begin = null, int? End = null, int? Between = null)
{
    /// <summary>Tells where words begin; null leaves examples without words.</summary>
    public WordPieces? Words { get; init; }

    /// <summary>Tokens that the frame adds to every row.</summary>
    public int Length => (Begin is null ? 0 : 1) + (End is null ? 0 : 1);

    /// <summary>Makes an example of a row's tokens.</summary>
    /// <param name="tokens">The tokens inside of the frame.</param>
    /// <param name="breaks">The places among them where another document begins, ascending.</param>
    internal Example Frame(ReadOnlySpan<int> tokens, ReadOnlySpan<int> breaks)
    {
        int between = Between is null ? 0 : breaks.Length;
        int[] ids = new int[Length + tokens.Length + between];
        bool[] special = new bool[ids.Length];
        int at = 0, taken = 0;
        Add(Begin);
        foreach (int place in breaks)
        {
            Copy(tokens[taken..place]);
            taken = place;
            Add(Between);
        }
        Copy(tokens[taken..]);
        Add(End);
        return new Example { Ids = ids, Special = special, Words = Words is null ? default(ReadOnlyMemory<int>) : Numbered(ids, special) };

        void Add(int? token)
        {
            if (token is not { } id) return;
            special[at] = true;
            ids[at++] = id;
        }

        void Copy(ReadOnlySpan<int> piece)
        {
            piece.CopyTo(ids.AsSpan(at));
            at += piece.Length;
        }
    }

    private int[] Numbered(int[] ids, bool[] special)
    {
        int[] words = new int[ids.Length];
        int last = -1;
        for (int i = 0; i < ids.Length; i++)
        {
            // A row may begin in the middle of a word, and none goes on behind a special token.
            bool begins = !special[i] && (!Words!.Continues(ids[i]) || i == 0 || special[i - 1]);
            last += begins ? 1 : 0;
            words[i] = special[i] ? -1 : last;
        }
        return words;
    }
}
