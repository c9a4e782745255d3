namespace Attune.Nn.Contracts;

/// <summary>What one forward and backward pass reads. Each objective and task has its own kind, made by its collation.</summary>
public abstract record Batch
{
    /// <summary>The number of examples.</summary>
    public required int Examples { get; init; }

    /// <summary>The number of tokens (or patches) that the backbone reads.</summary>
    public required long Tokens { get; init; }

    /// <summary>The number of sequences that the backbone reads, where an example has several.</summary>
    public virtual int Sequences => Examples;

    /// <summary>
    /// How much the batch's mean loss weighs against others': the number of labels it averages over. Accumulated steps and
    /// evaluations are then the mean over all labels, however the batch was split.
    /// </summary>
    public required double Weight { get; init; }

    /// <summary>The pooled arrays that the batch's ids and labels live in; null if they are its own.</summary>
    public BatchArrays? Arrays { get; init; }

    /// <summary>Gives pooled memory back. The batch must not be used after it; forgetting to call it only costs garbage.</summary>
    public void Release() => Arrays?.Return();
}
