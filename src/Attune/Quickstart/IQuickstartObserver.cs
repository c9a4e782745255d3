using Attune.Training.Tracking;

namespace Attune.Quickstart;

/// <summary>Watches a quickstart.</summary>
/// <remarks>Called on the thread that runs it, one call at a time.</remarks>
public interface IQuickstartObserver
{
    /// <summary>A stage begins.</summary>
    /// <param name="number">Which, from 1.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="title">What it does.</param>
    void Stage(int number, int count, string title);

    /// <summary>Something worth telling.</summary>
    void Note(string text);

    /// <summary>An observer for the training that begins.</summary>
    /// <param name="what">What is trained.</param>
    ITrainingObserver Training(string what);
}
