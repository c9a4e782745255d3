namespace Attune.Training;

/// <summary>How a run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All updates were made.</summary>
    Completed,

    /// <summary>Evaluations no longer improved.</summary>
    StoppedEarly,

    /// <summary>It was cancelled; a checkpoint was written if there is a folder.</summary>
    Cancelled,
}

/// <summary>What a run leaves.</summary>
/// <param name="End">How it ended.</param>
/// <param name="State">Where it ended.</param>
/// <param name="Evaluation">The evaluation of the weights that the model now has; null if nothing is evaluated.</param>
public sealed record TrainingResult(TrainingEnd End, TrainerState State, EvaluationResult? Evaluation);
