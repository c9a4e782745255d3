using Attune.Nn.Contracts;

namespace Attune.Training.Tracking;

/// <summary>
/// Watches a run: draws progress, writes logs and records. An observer implements what it cares for; it must not change the
/// model, and an exception of it ends the run.
/// </summary>
/// <remarks>Called on the training thread, one call at a time; slow observers slow the run.</remarks>
public interface ITrainingObserver
{
    /// <summary>The run begins, or goes on from a checkpoint.</summary>
    void Started(TrainingStart start)
    {
    }

    /// <summary>An update was made.</summary>
    void Stepped(in StepReport step)
    {
    }

    /// <summary>The model was evaluated.</summary>
    /// <param name="step">The updates made so far.</param>
    /// <param name="result">What was found.</param>
    /// <param name="best">Whether it is the best so far.</param>
    void Evaluated(long step, EvaluationResult result, bool best)
    {
    }

    /// <summary>
    /// A checkpoint is about to be written: what was seen so far must be on the disk before it, because a run that goes on from
    /// there does not see it again.
    /// </summary>
    void CheckpointStarting(long step)
    {
    }

    /// <summary>A checkpoint is complete on the disk.</summary>
    void CheckpointWritten(long step, string folder)
    {
    }

    /// <summary>Something the user should know that does not stop the run, such as a damaged checkpoint that was passed over.</summary>
    void Warned(string message)
    {
    }

    /// <summary>The run ended as it should.</summary>
    void Finished(TrainingResult result)
    {
    }

    /// <summary>The run ended with an exception.</summary>
    void Failed(Exception failure)
    {
    }
}

/// <summary>What a run begins with.</summary>
/// <param name="Model">The model.</param>
/// <param name="Learnable">What it is trained on.</param>
/// <param name="Options">How the run is led.</param>
/// <param name="State">Where it begins; its step is above 0 if the run was resumed.</param>
public sealed record TrainingStart(Model Model, ILearnable Learnable, TrainerOptions Options, TrainerState State)
{
    /// <summary>The numbers that training changes.</summary>
    public long TrainableParameters =>
        Model.Parameters().Where(named => named.Parameter.Trainable).Sum(named => named.Parameter.Shape.Count);
}

/// <summary>One update.</summary>
/// <param name="Step">The updates made so far, this one included.</param>
/// <param name="Steps">The updates of the whole run.</param>
/// <param name="Loss">The mean loss over all labels of the update.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="Tokens">The tokens read for this update.</param>
/// <param name="TotalTokens">The tokens read so far.</param>
/// <param name="Time">How long the update took.</param>
public readonly record struct StepReport(
    long Step, long Steps, double Loss, double Rate, double GradientNorm, long Tokens, long TotalTokens, TimeSpan Time);
