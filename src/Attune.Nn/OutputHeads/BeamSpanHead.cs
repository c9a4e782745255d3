using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>
/// Finds the first token of an answer, then its last token given the first, and says whether there is an answer at all (XLNet for SQuAD 2).
/// </summary>
public sealed class BeamSpanHead : Module, IHead
{
    private readonly Linear _start;
    private readonly Linear _endDense;
    private readonly Norm _endNorm;
    private readonly Linear _endOutput;
    private readonly Linear _answerDense;
    private readonly Linear _answerOutput;

    /// <summary>Declares the layers.</summary>
    /// <param name="width">The backbone's width.</param>
    /// <param name="starts">How many first tokens are looked at.</param>
    /// <param name="ends">How many last tokens for each of them.</param>
    /// <param name="epsilon">Of the norm.</param>
    /// <param name="initializer">What the weights start from.</param>
    public BeamSpanHead(int width, int starts, int ends, float epsilon, Initializer initializer)
    {
        (Starts, Ends) = (starts, ends);
        _start = Own("start", new Linear(width, 1, initializer));
        _endDense = Own("endDense", new Linear(2 * width, width, initializer));
        _endNorm = Own("endNorm", new Norm(width, epsilon));
        _endOutput = Own("endOutput", new Linear(width, 1, initializer));
        _answerDense = Own("answerDense", new Linear(2 * width, width, initializer));
        _answerOutput = Own("answerOutput", new Linear(width, 1, initializer, bias: false));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.BeamQuestionAnswering;

    /// <summary>How many first tokens are looked at.</summary>
    public int Starts { get; }

    /// <summary>How many last tokens are looked at for each first one.</summary>
    public int Ends { get; }

    /// <summary>A score of each row as the first of an answer: <c>[rows]</c>.</summary>
    public Tensor StartLogits(Tape tape, Tensor hidden) => Flat(_start.Forward(tape, hidden));

    /// <summary>A score of each row as the last of an answer whose first row is given: <c>[rows]</c>.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="hidden">The rows, <c>[rows, width]</c>.</param>
    /// <param name="starts">For each of them the first row of the answer, <c>[rows, width]</c>.</param>
    public Tensor EndLogits(Tape tape, Tensor hidden, Tensor starts)
    {
        Tensor x = _endDense.Forward(tape, tape.Concat(1, hidden, starts), Activation.Tanh);
        return Flat(_endOutput.Forward(tape, _endNorm.Forward(tape, x)));
    }

    /// <summary>A score for there being no answer: <c>[sequences]</c>.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="starts">The first row of each answer, <c>[sequences, width]</c>.</param>
    /// <param name="whole">The row that stands for each sequence, <c>[sequences, width]</c>.</param>
    public Tensor AnswerLogits(Tape tape, Tensor starts, Tensor whole) =>
        Flat(_answerOutput.Forward(tape, _answerDense.Forward(tape, tape.Concat(1, starts, whole), Activation.Tanh)));

    private static Tensor Flat(Tensor scores) => scores.Reshape([scores.Shape[0]]);
}
