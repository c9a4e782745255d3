namespace Attune.Training;

/// <summary>
/// A run cannot go on: its loss or gradient is no longer a finite number. The message names the step, the batch and the last
/// good checkpoint.
/// </summary>
public sealed class TrainingException : Exception
{
    internal TrainingException(string what, long step, string batch, string? checkpoint)
        : base($"Step {step}: {what} in the batch of {batch}. "
            + (checkpoint is null ? "There is no checkpoint yet. " : $"The last good checkpoint is {checkpoint}. ")
            + "Lower the learning rate, lengthen the warm-up, clip gradients harder, or look at those examples.")
    {
        Step = step;
        Checkpoint = checkpoint;
    }

    /// <summary>The update that failed, from 0; it was not made.</summary>
    public long Step { get; }

    /// <summary>The folder of the last good checkpoint; null if there is none.</summary>
    public string? Checkpoint { get; }
}
