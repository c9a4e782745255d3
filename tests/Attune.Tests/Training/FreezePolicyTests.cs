using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Training.Policies;
using Xunit;

namespace Attune.Tests.Training;

public sealed class FreezePolicyTests
{
    [Fact]
    public void A_policy_by_role_trains_the_heads_and_those_roles_of_the_body() => Assert.Equal(
        ["backbone.norm.weight", "masked-lm.bias", "masked-lm.unused"], Trained(new TrainRoles(ParameterRole.NormScale)));

    [Fact]
    public void A_probe_trains_the_heads_alone() => Assert.Equal(["masked-lm.bias", "masked-lm.unused"], Trained(new TrainHeads()));

    [Fact]
    public void The_first_pattern_that_fits_counts() => Assert.Equal(
        ["backbone.table", "masked-lm.bias"],
        Trained(new TrainPatterns(new TrainEverything(), ("*.norm.*", false), ("*.unused", false), ("*.un*", true))));

    [Fact]
    public void What_was_frozen_can_be_thawed_and_keeps_its_value()
    {
        Model model = ToyModel.Make();
        int[] bits = ToyModel.Bits(model);
        new TrainHeads().Apply(model);
        new TrainEverything().Apply(model);
        Assert.All(model.Parameters(), named => Assert.True(named.Parameter.Trainable));
        Assert.Equal(bits, ToyModel.Bits(model));
    }

    [Fact]
    public void Freezing_everything_is_refused() => Assert.Throws<ArgumentException>(
        () => new TrainPatterns(new TrainEverything(), ("*", false)).Apply(ToyModel.Make()));

    private static IEnumerable<string> Trained(IFreezePolicy policy)
    {
        Model model = ToyModel.Make();
        policy.Apply(model);
        return model.Parameters().Where(named => named.Parameter.Trainable).Select(named => named.Path);
    }
}
