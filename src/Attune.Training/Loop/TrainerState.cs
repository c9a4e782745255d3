namespace Attune.Training;

/// <summary>Everything a run must remember besides weights and optimizer state. Part of every checkpoint.</summary>
public sealed record TrainerState
{
    /// <summary>The updates made so far; the data's position follows from it.</summary>
    public long Step { get; init; }

    /// <summary>The tokens read so far.</summary>
    public long Tokens { get; init; }

    /// <summary>The examples read so far.</summary>
    public long Examples { get; init; }

    /// <summary>The loss of the last update; NaN before the first.</summary>
    public double LastLoss { get; init; } = double.NaN;

    /// <summary>The figure of the best evaluation so far; NaN before the first.</summary>
    public double BestFigure { get; init; } = double.NaN;

    /// <summary>The updates made before the best evaluation; -1 before the first.</summary>
    public long BestStep { get; init; } = -1;

    /// <summary>The updates made before the last evaluation; -1 before the first.</summary>
    public long EvaluatedStep { get; init; } = -1;

    /// <summary>Evaluations since the best one.</summary>
    public int EvaluationsWithoutImprovement { get; init; }

    /// <summary>Whether the run was stopped early, so that continuing it does nothing.</summary>
    public bool StoppedEarly { get; init; }
}
