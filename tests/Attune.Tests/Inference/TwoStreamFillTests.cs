using Attune.Inference;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>A model with two streams fills masks from their places, and nobody sees a mask token.</summary>
public sealed class TwoStreamFillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-fill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Masks_are_filled_from_their_places()
    {
        TinyModels.SaveXlnet(_folder);
        InferenceModel model = Pipelines.Open(_folder);
        IReadOnlyList<IReadOnlyList<MaskedPosition>> filled = new FillMask(model).Fill(["a [MASK]", "the [MASK] is [MASK] ."], candidates: TinyModels.Words.Length);
        Assert.Equal([2, 4], filled[1].Select(place => place.Position));

        // [CLS] the [MASK] is [MASK] . [SEP]: what is not masked sees what is not masked.
        int[] ids = [2, 5, 4, 7, 4, 15, 3], targets = [2, 4];
        bool[] visible = [.. Enumerable.Range(0, ids.Length * ids.Length).Select(pair => ids[pair % ids.Length] != 4)];
        var tape = new Tape();
        float[] Scores(int maskId)
        {
            tape.Begin(recording: false);
            BackboneOutput output = model.Model.Forward(new Pass(tape), TokenBatch.Of([.. ids.Select(id => id == 4 ? maskId : id)]) with
            {
                PairMask = visible,
                Targets = new TargetRows(targets, Segments.FromLengths(2)),
            });
            return tape.Softmax(model.Model.Head<ITokenHead>(HeadKind.MaskedLm).Logits(new Pass(tape), output)).ToArray();
        }
        float[] expected = Scores(4);
        Assert.Equal(expected, Scores(9));
        for (int place = 0; place < targets.Length; place++)
        {
            foreach (MaskCandidate candidate in filled[1][place].Candidates)
                Assert.Equal(expected[place * TinyModels.Words.Length + candidate.Id], candidate.Probability, 1e-5f);
        }
    }
}
