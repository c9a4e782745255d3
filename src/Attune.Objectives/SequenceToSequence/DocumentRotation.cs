using Attune.Objectives.Randomness;

namespace Attune.Objectives.SequenceToSequence;

/// <summary>Lets the text begin at a random token and go on at its beginning: the model must find where it began.</summary>
public sealed record DocumentRotation : INoise
{
    /// <inheritdoc/>
    public NoisyText Apply(NoisyText text, Draws draws) => text.Ids.Length <= 3 ? text : Rotate(text, 1 + draws.Below(text.Ids.Length - 2));

    /// <summary>Lets the text begin with the token at a position.</summary>
    internal static NoisyText Rotate(NoisyText text, int offset)
    {
        int last = text.Ids.Length - 1;
        return text.At([0, .. Enumerable.Range(offset, last - offset), .. Enumerable.Range(1, offset - 1), last]);
    }
}
