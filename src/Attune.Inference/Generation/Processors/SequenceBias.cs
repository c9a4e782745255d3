namespace Attune.Inference.Generation;

/// <summary>A run of tokens that is to be likelier or less likely.</summary>
/// <param name="Ids">The tokens, at least one.</param>
/// <param name="Bias">What is added to the score of the last one where the others stand; minus infinity forbids the run.</param>
public sealed record BiasedSequence(IReadOnlyList<int> Ids, float Bias);

/// <summary>Adds to the scores of tokens that would complete given runs.</summary>
/// <param name="Sequences">The runs.</param>
public sealed record SequenceBias(IReadOnlyList<BiasedSequence> Sequences) : ILogitsProcessor
{
    /// <summary>Forbids runs, but not the end of the text.</summary>
    public static SequenceBias Forbidding(IReadOnlyList<IReadOnlyList<int>> runs, IReadOnlyList<int> endIds) =>
        new([.. runs.Where(run => run.Count > 1 || !endIds.Contains(run[0])).Select(run => new BiasedSequence(run, float.NegativeInfinity))]);

    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        foreach ((IReadOnlyList<int> run, float bias) in Sequences)
        {
            int last = run[^1];
            if ((uint)last < (uint)logits.Length && Stands(run, ids))
                logits[last] += bias;
        }
    }

    // As in the reference, a run is looked for only in texts that are at least as long as the whole of it.
    private static bool Stands(IReadOnlyList<int> run, ReadOnlySpan<int> ids)
    {
        int before = run.Count - 1;
        if (before > 0 && run.Count > ids.Length)
            return false;
        for (int i = 0; i < before; i++)
        {
            if (ids[ids.Length - before + i] != run[i])
                return false;
        }
        return true;
    }
}
