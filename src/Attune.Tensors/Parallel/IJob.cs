namespace Attune.Tensors.Parallel;

/// <summary>Work that falls into numbered items, each independent of the others and of the thread that runs it.</summary>
public interface IJob
{
    /// <summary>Does item <paramref name="item"/>. Called on any thread, for different items at the same time.</summary>
    void Run(int item);
}

/// <summary>Work over a range of indices that can be cut anywhere.</summary>
public interface IRangeJob
{
    /// <summary>Does the indices from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    void Run(int start, int end);
}
