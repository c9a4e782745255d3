namespace Attune.Bench.Steps;

/// <summary>One step of training or inference, the same work as the peer's workload of the same name.</summary>
internal interface IWorkload
{
    /// <summary>The multiply-adds of a step, counted as two operations each, as the peer counts them.</summary>
    double Operations { get; }

    /// <summary>Does one step.</summary>
    void Step();
}

/// <summary>A step of training.</summary>
internal interface ITrainingWorkload : IWorkload
{
    /// <summary>Whether blocks are computed again in the backward pass rather than kept (gradient checkpointing).</summary>
    bool RecomputesBlocks { get; set; }
}
