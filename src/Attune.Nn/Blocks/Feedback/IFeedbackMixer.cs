using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>How a layer reads what the last steps have left behind.</summary>
internal interface IFeedbackMixer : IModule
{
    /// <summary>What is kept of remembered states <c>[entries, width]</c>, made once and read by many steps: rows for each.</summary>
    Tensor[] Remember(Tape tape, Tensor entries);

    /// <summary>Lets each sequence's state read its window.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The states, <c>[sequences, width]</c>.</param>
    /// <param name="window">What was kept of the window's entries, <c>[sequences * span, ...]</c> each, oldest first.</param>
    /// <param name="places">A vector for each place of the window for each of its rows; null if places do not count.</param>
    /// <returns><c>[sequences, width]</c></returns>
    Tensor Read(Pass pass, Tensor x, Tensor[] window, Tensor? places);

    /// <summary>What it adds to the loss; null if nothing.</summary>
    Tensor? Cost(Tape tape) => null;
}
