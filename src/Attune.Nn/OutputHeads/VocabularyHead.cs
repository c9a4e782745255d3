using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>
/// Scores of the vocabulary for each row: an optional dense layer with activation and norm (masked language models), then the
/// product with the token table. In training only rows with a label are multiplied, and never all scores exist at once.
/// </summary>
public sealed class VocabularyHead : Module, ITokenHead
{
    private readonly Linear? _dense;
    private readonly Norm? _norm;
    private readonly Activation _activation;
    private readonly Parameter _table;
    private readonly Parameter? _bias;

    /// <summary>A head without transformation: GPT.</summary>
    /// <param name="kind">Masked or causal.</param>
    /// <param name="table">The output table, <c>[vocabulary, width]</c>: the backbone's own if tied.</param>
    /// <param name="tied">Whether the table belongs to the backbone, which saves it.</param>
    /// <param name="bias">Whether each token has a bias.</param>
    public VocabularyHead(HeadKind kind, Parameter table, bool tied, bool bias)
        : this(kind, table, tied, bias, null, Activation.None, null)
    {
    }

    /// <summary>A head with a transformation: BERT.</summary>
    /// <param name="kind">Masked or causal.</param>
    /// <param name="table">The output table, <c>[vocabulary, width]</c>: the backbone's own if tied.</param>
    /// <param name="tied">Whether the table belongs to the backbone, which saves it.</param>
    /// <param name="bias">Whether each token has a bias.</param>
    /// <param name="dense">From the backbone's width to the table's.</param>
    /// <param name="activation">Applied to it.</param>
    /// <param name="norm">Applied then.</param>
    public VocabularyHead(HeadKind kind, Parameter table, bool tied, bool bias, Linear? dense, Activation activation, Norm? norm)
    {
        Kind = kind;
        _activation = activation;
        if (dense is not null)
            _dense = Own("dense", dense);
        if (norm is not null)
            _norm = Own("norm", norm);
        _table = tied ? table : Own("table", table);
        if (bias)
            _bias = Own("bias", [table.Shape[0]], Initializer.Zeros, ParameterRole.Bias);
    }

    /// <summary>A head whose bias is a constant that is saved with the model (BART).</summary>
    /// <param name="kind">Masked or causal.</param>
    /// <param name="table">The output table, <c>[vocabulary, width]</c>: the backbone's own if tied.</param>
    /// <param name="tied">Whether the table belongs to the backbone, which saves it.</param>
    /// <param name="constant">The bias, with as many elements as there are tokens.</param>
    public VocabularyHead(HeadKind kind, Parameter table, bool tied, Parameter constant)
        : this(kind, table, tied, bias: false) => _bias = Own("bias", constant);

    /// <inheritdoc/>
    public HeadKind Kind { get; }

    /// <summary>What rows are multiplied with before the product with the table (T5 with tied tables: width^-0.5).</summary>
    public float Scale { get; init; } = 1;

    /// <summary>
    /// How much the square of the scores' log-sum-exp adds to the loss, which keeps it near 0 (Mesh TensorFlow's z loss). Above 0 all scores of
    /// the labelled rows exist at once.
    /// </summary>
    public float ZLoss { get; init; }

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output) =>
        pass.Tape.Linear(Transform(pass.Tape, output.Hidden), _table.Value, Bias);

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0)
    {
        (int[] rows, int[] kept) = LabelledRows.Of(labels.Span);
        Tensor hidden = rows.Length == labels.Length ? output.Hidden : pass.Tape.GatherRows(output.Hidden, rows);
        hidden = Transform(pass.Tape, hidden);
        Tensor loss = pass.Tape.LinearCrossEntropy(hidden, _table.Value, Bias, kept, smoothing: smoothing);
        return ZLoss == 0 ? loss : pass.Tape.Add(loss, pass.Tape.Scale(SquaredLogSumExp(pass.Tape, hidden), ZLoss));
    }

    private Tensor? Bias => _bias?.Value.Reshape([_table.Shape[0]]);

    // Every score is its log-probability plus the log-sum-exp of its row.
    private Tensor SquaredLogSumExp(Tape tape, Tensor hidden)
    {
        Tensor logits = tape.Linear(hidden, _table.Value, Bias);
        return tape.Mean(tape.Square(tape.Mean(tape.Subtract(logits, tape.LogSoftmax(logits)), axis: 1)));
    }

    private Tensor Transform(Tape tape, Tensor hidden)
    {
        if (_dense is not null)
            hidden = _dense.Forward(tape, hidden, _activation);
        if (_norm is not null)
            hidden = _norm.Forward(tape, hidden);
        return Scale == 1 ? hidden : tape.Scale(hidden, Scale);
    }
}
