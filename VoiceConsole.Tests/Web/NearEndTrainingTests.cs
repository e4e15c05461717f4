using VoiceConsole.Engine.Echo.Learned;
using VoiceConsole.Web.Commands.Bench.Echo;

namespace VoiceConsole.Tests.Web;

public class NearEndTrainingTests
{
    [Fact]
    public void Examples_that_one_sign_tells_apart_They_are_told_apart_and_the_same_way_again()
    {
        var examples = Examples();
        var weights = Train(examples);
        var net = new NearEndNet(weights);
        for (var i = 0; i < examples.Speaks.Count; i++)
            Assert.Equal(examples.Speaks[i], net.Judge(examples.Inputs.Skip(i * NearEndSigns.Inputs).Take(NearEndSigns.Inputs).ToArray()) > 0);
        Assert.Equal(weights, Train(examples));
    }

    private static float[] Train(NearEndExamples examples) => new NearEndTraining(examples, seed: 1).Run(150, (_, _) => { }, TestContext.Current.CancellationToken);

    private static NearEndExamples Examples()
    {
        var random = new Random(1);
        var examples = new NearEndExamples([], [], []);
        for (var i = 0; i < 512; i++)
        {
            var inputs = new float[NearEndSigns.Inputs];
            for (var n = 0; n < inputs.Length; n++)
                inputs[n] = 5 + random.NextSingle();
            var speaks = i % 3 == 0;
            inputs[17] += speaks ? 2 : 0;
            examples.Inputs.AddRange(inputs);
            examples.Speaks.Add(speaks);
            examples.Weights.Add(1);
        }

        return examples;
    }
}
