namespace Attune.Nn.Contracts;

/// <summary>A backbone that reads vectors of entities beside its tokens (<see cref="TokenBatch.Entities"/>).</summary>
public interface IReadsEntities : IBackbone
{
    /// <summary>The width of those vectors.</summary>
    int EntityWidth { get; }
}
