namespace Attune.Training.Schedules;

/// <summary>
/// The learning rate as a pure function of the step, so that a resumed run needs nothing but its step number. Each schedule is
/// one record; its properties are its whole state.
/// </summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public interface ISchedule
{
    /// <summary>The rate of the update at a step.</summary>
    /// <param name="step">The number of updates made before, from 0.</param>
    double Rate(long step);
}
