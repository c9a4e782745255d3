using Attune.Objectives.Randomness;

namespace Attune.Objectives.SequenceToSequence;

/// <summary>Deletes tokens without a trace: the model must also find out where something is missing.</summary>
/// <param name="Share">The share of tokens that vanish.</param>
public sealed record TokenDeletion(double Share = 0.1) : INoise
{
    /// <inheritdoc/>
    public NoisyText Apply(NoisyText text, Draws draws)
    {
        int[] positions = [.. Enumerable.Range(1, text.Ids.Length - 2)];
        draws.Shuffle(positions.AsSpan());
        return Delete(text, positions.AsSpan(0, (int)Math.Ceiling(positions.Length * Share)));
    }

    /// <summary>Deletes the tokens at some positions.</summary>
    internal static NoisyText Delete(NoisyText text, ReadOnlySpan<int> positions)
    {
        HashSet<int> deleted = [.. positions];
        return text.At([.. Enumerable.Range(0, text.Ids.Length).Where(i => !deleted.Contains(i))]);
    }
}
