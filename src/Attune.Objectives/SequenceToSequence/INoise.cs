using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.SequenceToSequence;

/// <summary>A way to spoil a text that a model is to restore. One record each.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public interface INoise
{
    /// <summary>Spoils a text. Its first and last token stay where they are.</summary>
    NoisyText Apply(NoisyText text, Draws draws);
}

/// <summary>A text on its way to being spoiled.</summary>
/// <param name="Ids">Its tokens, special ones at both ends.</param>
/// <param name="WordStarts">Whether a token begins a word; false at both ends.</param>
public sealed record NoisyText(int[] Ids, bool[] WordStarts)
{
    /// <summary>The text of an example; without known words every token is one.</summary>
    public static NoisyText Of(Example example)
    {
        int[] ids = example.Ids.ToArray();
        ReadOnlySpan<int> words = example.Words.Span;
        bool[] starts = new bool[ids.Length];
        for (int i = 1; i < ids.Length - 1; i++)
            starts[i] = words.IsEmpty || words[i] != words[i - 1];
        return new NoisyText(ids, starts);
    }

    /// <summary>The tokens at some positions, in that order.</summary>
    internal NoisyText At(IReadOnlyList<int> positions) =>
        new([.. positions.Select(p => Ids[p])], [.. positions.Select(p => WordStarts[p])]);
}
