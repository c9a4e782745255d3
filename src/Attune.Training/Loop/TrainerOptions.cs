using Attune.Tensors;

namespace Attune.Training;

/// <summary>How a run is led. What belongs to the model, the data, the optimizer or the schedule is set there.</summary>
public sealed record TrainerOptions
{
    /// <summary>The number of updates.</summary>
    public required long Steps { get; init; }

    /// <summary>The seed of everything random during training (dropout; batch sources have their own).</summary>
    public ulong Seed { get; init; }

    /// <summary>The limit of the norm of all gradients together; null for none.</summary>
    public double? MaxGradientNorm { get; init; } = 1;

    /// <summary>The arithmetic of products with weights; the weights themselves and the optimizer stay float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>Run each block again in the backward pass instead of keeping its results: less memory, more time.</summary>
    public bool RecomputeBlocks { get; init; }

    /// <summary>Evaluate after every so many updates (and after the last one); 0 for only after the last.</summary>
    public long EvaluateEvery { get; init; }

    /// <summary>Also evaluate before the first update.</summary>
    public bool EvaluateFirst { get; init; }

    /// <summary>Stop after this many evaluations without improvement; null to never stop early.</summary>
    public int? Patience { get; init; }

    /// <summary>By how much the watched figure must change to count as an improvement.</summary>
    public double MinImprovement { get; init; }

    /// <summary>Keep the weights of the best evaluation and end with them; needs <see cref="Folder"/>.</summary>
    public bool KeepBest { get; init; }

    /// <summary>The run's folder, for checkpoints and the best weights; null to write nothing.</summary>
    public string? Folder { get; init; }

    /// <summary>Write a checkpoint after every so many updates (and after the last one); 0 for only after the last.</summary>
    public long CheckpointEvery { get; init; }

    /// <summary>Write a checkpoint when so much time has passed since the last one; null to go by updates alone.</summary>
    public TimeSpan? CheckpointInterval { get; init; }

    /// <summary>How many checkpoints are kept, the newest ones.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Continue from the newest good checkpoint of <see cref="Folder"/>, if there is one.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>
    /// Continue although the data are not those the run began with. It then ends with neither the one run's weights nor the other's.
    /// </summary>
    public bool AcceptChangedData { get; init; }

    /// <summary>Refuses settings that make no sense.</summary>
    /// <exception cref="ArgumentException">A setting is out of range or contradicts another.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
        ArgumentOutOfRangeException.ThrowIfNegative(EvaluateEvery);
        ArgumentOutOfRangeException.ThrowIfNegative(CheckpointEvery);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(KeepCheckpoints);
        if (Precision == Precision.Int8)
            throw new ArgumentException($"{Precision} is for inference; train in {Precision.Float32} or {Precision.BFloat16}.");
        if (MaxGradientNorm is <= 0)
            throw new ArgumentException($"The limit of the gradient norm must be above 0; it is {MaxGradientNorm}. Leave it out (null) for no limit.");
        if (Patience is < 1)
            throw new ArgumentException($"The patience must be at least 1 evaluation; it is {Patience}. Leave it out (null) to never stop early.");
        if (KeepBest && Folder is null)
            throw new ArgumentException("Keeping the best weights needs a folder to keep them in.");
    }
}
