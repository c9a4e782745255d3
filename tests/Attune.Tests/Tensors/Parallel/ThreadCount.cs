using Attune.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Tensors.Parallel;

/// <summary>Sets the number of threads until disposed; tests that use it belong to the collection <see cref="Workers"/>.</summary>
internal readonly struct ThreadCount : IDisposable
{
    private readonly int before;

    public ThreadCount(int threads)
    {
        before = Workers.Count;
        Workers.Count = threads;
    }

    public void Dispose() => Workers.Count = before;
}

/// <summary>Tests that change the process's number of threads do not run beside each other.</summary>
[CollectionDefinition(nameof(Workers), DisableParallelization = true)]
public sealed class WorkersGroup;
